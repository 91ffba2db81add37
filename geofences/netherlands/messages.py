"""Six message texts say all rules of the 774 zones (counts of July 2024: 635, 55, 51, 23, 6, 4).

Letters and digits count, case and signs do not. The spelling is the ministry's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from airspace.model.zone import Oddity, Predicate, Zone

_PREDICATES: Final = {
    "open cat vluchten zijn hier verboden spec cat vluchten vereisen een privilege op de exploitatievergunning "
    "flights in the open cat are not allowed in spec cat a privilege on the oa is required": Predicate.OPEN_FORBIDDEN,
    "vluchten in de open categorie zijn hier niet toegestaan "
    "flights in the open category are not allowed here": Predicate.OPEN_FORBIDDEN,
    "alle vuchten zijn hier verboden tenzij er toestemming is gegeven door de militaire luchverkeersdienstverlener "
    "all flights are prohibited unless permission is granted military air traffic control": (
        Predicate.MILITARY_PERMISSION
    ),
    "open a1 2 toegestaan tot max 30m hoogte boven de grond a3 niet toegestaan "
    "open a1 2 are allowed up to a max height of 30m above the ground a3 not allowed": Predicate.OPEN_MAX_30_M,
    "alle vluchten zijn hier verboden op 4 mei all flights are prohibted on the 4th of may": Predicate.FOURTH_OF_MAY,
    "alle vluchten zijn hier verboden all flights are prohibited here": Predicate.ALL_FORBIDDEN,
}


def interpret(zone: Zone) -> tuple[Zone, tuple[Oddity, ...]]:
    """The zone with the predicate of its text; an unknown text is nobody's rule, and its owner is warned.

    A text may say less than the restriction beside it (a day, a height), so an unknown one decides nothing. Where there
    is none, the restriction stands.
    """
    uspace = zone.predicate is Predicate.USPACE  # the source itself calls it so, whatever its text
    has_text = bool((zone.message or "").strip())
    predicate = predicate_of(zone.message) if has_text and not uspace else zone.predicate
    if predicate is not Predicate.UNKNOWN:
        return replace(zone, predicate=predicate), ()
    odd = Oddity(place=zone.zone_id, what=f"unknown rule text {zone.message!r}: nothing is decided here")
    return replace(zone, predicate=predicate), (odd,)


def predicate_of(message: str | None) -> Predicate:
    """What a message text of the ministry asks."""
    words = re.sub(r"[^a-z0-9]+", " ", (message or "").casefold()).strip()
    return _PREDICATES.get(words, Predicate.UNKNOWN)
