"""When zones are in force."""
