"""How many announced flights a control zone takes at once: a situation, never anybody's offence.

Rests on: LVNL's practice (handbook, rules 3.1): one or two commercial flights, and so many of the emergency
services, as the towers that work allow; a setting that changes with time. Air traffic control keeps the limit, not
the pilots: two announced flights and an unknown drone are no breach by the announced ones, so unknown drones are
only counted beside them, and the verdict names no drone. Margin: none. Cannot know: what was agreed by radio.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import Case, Finding

RULE: Final = "capacity"
VERSION: Final = "1"
ARTICLE: Final = "LVNL, setting of the control zone"
KIND: Final = Kind.CAPACITY
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.SITUATION})
MARGIN: Final = "none: flights are counted"
LEAST_FIXES: Final = 2
LEAST_S: Final = 0.0

# special types of flight of (EU) 2021/664 annex IV, in the words of notices
_EMERGENCY_WORDS: Final = (
    "ambulance", "brandweer", "emergency", "environmental", "evacuation", "fire", "hems", "hulpdienst", "medical",
    "police", "politie", "rescue", "sar", "search", "state_security", "traffic_pursuit", "trauma",
)  # fmt: skip


def is_emergency(mission_type: str | None) -> bool:
    """Whether a notice's kind of mission is one of the emergency services; whole words count."""
    words = (mission_type or "").casefold().replace("-", "_").replace(" ", "_")
    return any(word in (words if "_" in word else words.split("_")) for word in _EMERGENCY_WORDS)


def judge(case: Case) -> Finding:
    """More announced flights than there is room for; otherwise, and where nobody has set the room, enough."""
    flights, room = case.flights, case.room
    if room is None or (flights.commercial <= room[0] and flights.emergency <= room[1]):
        return Finding(value=VerdictValue.ALLOWED, reason=Reason.BACK_WITHIN_LIMIT)
    return Finding(
        value=VerdictValue.SITUATION,
        reason=Reason.CTR_CONCURRENCY,
        evidence={
            "commercial": flights.commercial,
            "commercial_room": room[0],
            "emergency": flights.emergency,
            "emergency_room": room[1],
            "unknown": flights.unknown,
        },
    )
