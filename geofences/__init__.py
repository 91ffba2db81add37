"""Zones, notices, rules: changes of the picture to verdicts with reasons."""
