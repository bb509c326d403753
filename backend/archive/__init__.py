"""The films: their identity, pixels, metadata, thumbnails, and which patients are sealed.

Nothing here knows labels or detectors; no original film is ever written to.
"""
