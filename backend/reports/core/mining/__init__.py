"""mining room."""
