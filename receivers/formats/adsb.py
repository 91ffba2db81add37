"""What the two ADS-B formats share: addresses, squawks, units.

ADS-B is read for manned aircraft: to tell a helicopter from a drone, and to warn of one. A 24-bit address that no state
gave out is kept and marked: an anonymous target (``~`` in readsb), a privacy address, or one that a receiver made up.
DroneScout's SBS export gives a Remote ID drone an address FFxxxx made from a hash of its serial.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from airspace.model.detection import Flag, IdType
from airspace.model.placeholders import is_no_icao_address, is_nothing
from airspace.model.text import safe_text
from airspace.model.units import METRES_PER_FOOT
from receivers.formats.rows import Row

METRES_PER_SECOND_PER_KNOT: Final = 1852 / 3600
METRES_PER_SECOND_PER_FOOT_A_MINUTE: Final = METRES_PER_FOOT / 60
ALTITUDE_M: Final = (-1000.0, 40_000.0)  # what an encoder can say is below 126,750 ft
SPEED_M_S: Final = (0.0, 1200.0)
VERTICAL_SPEED_M_S: Final = (-200.0, 200.0)
EMERGENCY_SQUAWKS: Final = frozenset({"7500", "7600", "7700"})  # ICAO Doc 8168: unlawful interference, radio, emergency
NON_ICAO: Final = "~"

_ADDRESS: Final = re.compile(r"~?[0-9a-f]{6}\Z")
_UNALLOCATED: Final = ("ff", "000000")  # ICAO Annex 10 volume III gives out no block FF, and zero is no address


def address(text: str | None) -> str | None:
    """Six lower-case hex digits, behind the tilde that keeps a made-up address apart from a real one; else None."""
    lower = (text or "").strip().lower()
    return lower if _ADDRESS.match(lower) else None


def address_flags(one: str) -> Flag:
    """ADDRESS_INVENTED for an address that no state gave out."""
    return Flag.ADDRESS_INVENTED if one.startswith((NON_ICAO, *_UNALLOCATED)) else Flag(0)


def identity(one: str, id_type: IdType = IdType.ICAO) -> Row:
    """The columns that name an aircraft; an address of zeros or ones names nobody."""
    if is_no_icao_address(one):
        return {}
    return {"uas_id": one, "uas_id_type": id_type}


@lru_cache(maxsize=4096)
def callsign(text: str | None) -> str | None:
    """As it is to be shown; None for what decoders fill an empty one with (blanks, ``@@@@@@@@``)."""
    said = safe_text(text or "")
    return None if said is None or is_nothing(said) else said
