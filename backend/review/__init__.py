"""review room."""
