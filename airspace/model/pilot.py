"""Where the pilot is, as far as a track says."""

from __future__ import annotations

import math
from typing import Final

from airspace.model.alert import Pilot, PilotKind
from airspace.model.detection import OperatorLocation
from airspace.model.track import TrackRow

_KINDS: Final = {OperatorLocation.LIVE: PilotKind.LIVE, OperatorLocation.TAKEOFF: PilotKind.TAKEOFF}


def pilot_of(track: TrackRow) -> Pilot | None:
    """The operator's place with its provenance; a signal in doubt only claims it. None when it is not known.

    A place that was entered by hand (fixed) is a claim too. Remote ID states no accuracy for it, so none is given.
    """
    if math.isnan(track.operator_latitude_deg) or math.isnan(track.operator_longitude_deg):
        return None
    kind = _KINDS.get(OperatorLocation(track.operator_location_type), PilotKind.CLAIMED)
    return Pilot(
        latitude_deg=track.operator_latitude_deg,
        longitude_deg=track.operator_longitude_deg,
        kind=PilotKind.CLAIMED if track.suspect else kind,
    )
