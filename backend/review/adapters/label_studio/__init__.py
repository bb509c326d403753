"""label_studio room."""
