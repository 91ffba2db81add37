"""Tracks of what names itself to nobody: positions and bearings joined by place and time alone."""
