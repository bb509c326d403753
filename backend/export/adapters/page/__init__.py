"""The report as one HTML file: its words, pictures and plots.

Nothing here computes a figure.
"""
