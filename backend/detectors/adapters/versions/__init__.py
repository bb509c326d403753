"""Model versions: folders, cards, predictions, and which version is in use.

A version is never changed once it is written.
"""
