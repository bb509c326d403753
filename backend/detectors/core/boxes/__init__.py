"""Boxes: answers, views, figures and sureness.

What is asked of whole films lies one folder up.
"""
