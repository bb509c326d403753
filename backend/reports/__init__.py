"""From the text of radiology reports to labels, by lexicons in three languages.

Nothing here looks at pixels; of a report only the deciding sentence is kept, scrubbed.
"""
