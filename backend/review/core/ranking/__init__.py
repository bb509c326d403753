"""ranking room."""
