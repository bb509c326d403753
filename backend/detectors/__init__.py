"""detectors room."""
