"""Trials on small samples that say whether a task can be learnt.

Nothing here registers a version.
"""
