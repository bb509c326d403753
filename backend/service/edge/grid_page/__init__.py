"""The page of the grid: its template, its style and its script.

Nothing here is fetched from elsewhere, and nothing is built: what lies here is what is served.
"""
