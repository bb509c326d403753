"""What a reviewer sees: labelling configs, items and pre-annotations, as Label Studio reads them.

Only files here and in `label_studio` make or read Label Studio's JSON and XML.
"""
