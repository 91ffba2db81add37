"""A live drone that stands behind the state line: in the air, and not known to be allowed where it is."""

from __future__ import annotations

from typing import NamedTuple

from airspace.model.verdict import VerdictValue
from airspace.model.zone import ZoneRole


class Standing(NamedTuple):
    """What stands against one live drone at a tick, whatever people did about it.

    ``value`` is the strongest objection: ``situation`` where a fence, an emergency or a broken plan is all there is.
    """

    track_id: str
    value: VerdictValue
    role: ZoneRole = ZoneRole.NONE  # the strongest of the fences that it is in
    doubted: bool = False  # the signal is suspect: that there is something, and where, is only said
