"""Trainers of the networks and heads, and the baseline on 16 x 16 pixels.

Nothing here reads the database or stores a version.
"""
