"""A folder for each channel."""
