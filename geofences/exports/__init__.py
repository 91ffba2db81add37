"""Zones to files of other systems, and to the map."""
