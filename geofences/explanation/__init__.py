"""Why: each condition behind a verdict, whether it is met and by how much, for a flight and for a place."""

from geofences.explanation.flight import explain
from geofences.explanation.point import at_point

__all__ = ["at_point", "explain"]
