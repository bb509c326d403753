"""versions room."""
