"""Style, script and body of pages that are made as one file."""
