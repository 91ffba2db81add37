"""One channel a file."""
