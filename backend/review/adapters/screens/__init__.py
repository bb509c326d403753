"""screens room."""
