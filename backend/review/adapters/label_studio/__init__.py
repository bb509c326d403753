"""Label Studio's API: session, projects, items, tabs, and the server that `radsieve up` starts.

Only files here call Label Studio.
"""
