"""The judge and its rooms."""
