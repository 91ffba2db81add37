"""Which clock the people of a place go by, where a format says "local time" and not which.

Boxes inside which all clocks have shown the same since 2003, in winter and summer, borders and islands left out with
room to spare. Outside them it is not known: near a border between two clocks nothing is guessed. Source: the IANA time
zone database (zone1970.tab) and the borders of the states.
"""

from __future__ import annotations

from typing import Final

Box = tuple[float, float, float, float]  # west, south, east, north, in degrees

_CENTRAL: Final = "Europe/Amsterdam"
_BOXES: Final[tuple[tuple[str, Box], ...]] = (
    (_CENTRAL, (2.6, 43.0, 19.0, 54.3)),  # Benelux, Germany, Alps, east of France, north of Italy, west of Poland
    (_CENTRAL, (4.0, 54.3, 18.9, 69.0)),  # Denmark, Norway, Sweden
    (_CENTRAL, (-1.8, 43.4, 2.6, 49.7)),  # the west of France
    (_CENTRAL, (-5.3, 45.5, -1.8, 48.9)),  # Brittany
    (_CENTRAL, (-5.9, 37.4, 2.6, 43.4)),  # Spain
    (_CENTRAL, (2.6, 38.0, 18.7, 43.0)),  # Balearics, Corsica, Sardinia, Italy
    ("Europe/London", (-8.2, 50.2, 1.0, 59.5)),  # Great Britain, Northern Ireland
    ("Europe/London", (1.0, 51.4, 1.9, 53.5)),  # East Anglia
    ("Europe/Dublin", (-10.9, 51.2, -8.2, 55.3)),  # the west of Ireland; same clock, other name
    ("Europe/Helsinki", (21.2, 57.6, 27.2, 64.0)),  # Finland, Estonia, the north of Latvia
    ("Europe/Athens", (21.5, 35.0, 25.6, 40.8)),  # Greece, without the isles off Turkey
)


def clock_within(box: Box) -> str | None:
    """The IANA time zone of all that lies in a box; None where it is not known, or there are two."""
    west, south, east, north = box
    names = [
        name
        for name, (left, low, right, high) in _BOXES
        if left <= west and east <= right and low <= south and north <= high
    ]
    return names[0] if names else None
