"""From the archive to a judged model version, for each kind of label.

Nothing here publishes.
"""
