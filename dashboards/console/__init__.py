"""The live map page."""
