"""Series of flights, as air traffic control counts them, by definition v1.

More than sixty minutes on the ground between flights in an area make two flights for LVNL, each with a request, a plan
and a clearance (handbook rules, 3.1). So flights of one party in one area are one series while no gap between them is
longer; flights at the same time are one series too, as there is one plan for an area. The party is the operator where
the drone says one, else the drone. How large an area is nobody says: the store's squares are of about 5 km.

What the store keeps day by day (``airspace/store``, view ``flight_series``) is the same, and is tested against this.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Final

DEFINITION: Final = "v1"
GROUND_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One flight, as far as series go: whose, where, and when it was heard in the air."""

    flight_id: str
    party: Hashable  # a pseudonym, or an id
    area: Hashable
    started_s: float
    last_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Flights that count as one; the first one's start says the day."""

    party: Hashable
    area: Hashable
    started_s: float
    last_s: float
    flight_ids: tuple[str, ...]


def series_of(stays: Iterable[Stay]) -> list[Series]:
    """The series that some flights make, whatever their order, by the start of each."""
    open_series: dict[tuple[Hashable, Hashable], Series] = {}
    closed: list[Series] = []
    for stay in sorted(stays, key=lambda stay: (stay.started_s, stay.flight_id)):
        key = (stay.party, stay.area)
        held = open_series.get(key)
        if held is not None and stay.started_s - held.last_s <= GROUND_S:
            open_series[key] = _joined(held, stay)
            continue
        if held is not None:
            closed.append(held)
        open_series[key] = Series(
            party=stay.party,
            area=stay.area,
            started_s=stay.started_s,
            last_s=stay.last_s,
            flight_ids=(stay.flight_id,),
        )
    return sorted((*closed, *open_series.values()), key=lambda series: (series.started_s, series.flight_ids))


def _joined(series: Series, stay: Stay) -> Series:
    return replace(series, last_s=max(series.last_s, stay.last_s), flight_ids=(*series.flight_ids, stay.flight_id))
