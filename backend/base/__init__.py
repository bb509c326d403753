"""What every room stands on: detector tasks, errors, figures, the workspace and its database.

Nothing here knows films, labels, detectors or Label Studio.
"""
