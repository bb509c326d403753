"""The lists, corrected copies, the bias guard and the report.

Nothing here changes what is known; every file can be made again from its record.
"""
