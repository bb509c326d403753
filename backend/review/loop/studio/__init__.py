"""Keeping Label Studio's projects, items and pictures in step with the workspace.

Nothing here chooses films.
"""
