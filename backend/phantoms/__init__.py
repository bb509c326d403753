"""phantoms room."""
