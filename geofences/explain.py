"""Why: the door to ``geofences/explanation``."""

from __future__ import annotations

from geofences.explanation.flight import explain
from geofences.explanation.point import at_point

__all__ = ["at_point", "explain"]
