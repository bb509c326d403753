"""Learnability: curves, forecasts, and how many labels are enough.

Nothing here trains.
"""
