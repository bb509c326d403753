"""How many bad films may be left: the audit, its bounds, forecasts and estimates.

Nothing here shows a film or changes a label.
"""
