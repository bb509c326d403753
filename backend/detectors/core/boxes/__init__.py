"""boxes room."""
