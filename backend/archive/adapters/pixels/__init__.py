"""pixels room."""
