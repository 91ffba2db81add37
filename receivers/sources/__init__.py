"""One transport a file."""
