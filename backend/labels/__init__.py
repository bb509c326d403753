"""labels room."""
