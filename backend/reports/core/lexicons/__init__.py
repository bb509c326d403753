"""Lexicons as data: one file a language, and the counts behind its confidence.

No code lies here.
"""
