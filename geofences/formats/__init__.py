"""Zone and notice files to zones and notices."""
