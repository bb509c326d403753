"""certificate room."""
