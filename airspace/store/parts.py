"""What one drone flew, of what was followed live and of what its past says: which of these parts are one flight.

By definition v1 gaps under five minutes are one flight. The parts of the past are put together by that alone. What was
followed live was parted by its own track, and is put together only where a past fills the gap: two that were heard in
the air at the same time under one name are two aircraft.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from airspace.tracking.flights import parted


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A flight as its own rows say; ``whole`` is the flight that counts for it and others, as it was found last."""

    flight_id: str | None  # None: not named yet
    past: bool
    started_s: float
    last_s: float
    detections: int
    highest_m: float | None
    area: int | None = None
    operator_pseudonym: str | None = None
    whole: str | None = None


def merged(parts: Iterable[Part]) -> list[Part]:
    """Parts of the past with gaps under five minutes as one; one that stays as it is keeps its name."""
    found: list[Part] = []
    for part in sorted(parts, key=_by_time):
        if found and not parted(found[-1].last_s, part.started_s):
            found[-1] = _both(found[-1], part)
        else:
            found.append(part)
    return found


def wholes(live: Sequence[Part], past: Sequence[Part]) -> dict[str, str]:
    """Flight id -> id of the flight that counts, for all that are one with others; all are named."""
    groups: list[dict[str, Part]] = []
    for part in past:
        group = {str(each.flight_id): each for each in (part, *(other for other in live if _beside(other, part)))}
        for other in [other for other in groups if other.keys() & group.keys()]:
            groups.remove(other)
            group |= other
        groups.append(group)
    return {flight_id: head for group in groups for flight_id, head in _of_one(list(group.values())).items()}


def _of_one(group: Sequence[Part]) -> dict[str, str]:
    """Without those that were followed while an earlier one was. The first that was followed counts for all."""
    live: list[Part] = []
    for part in sorted((part for part in group if not part.past), key=_by_time):
        if not live or part.started_s >= live[-1].last_s:
            live.append(part)
    members = live + sorted((part for part in group if part.past), key=_by_time)
    return {str(part.flight_id): str(members[0].flight_id) for part in members} if len(members) > 1 else {}


def _beside(one: Part, other: Part) -> bool:
    return not parted(one.last_s, other.started_s) and not parted(other.last_s, one.started_s)


def _both(first: Part, second: Part) -> Part:
    heights = [part.highest_m for part in (first, second) if part.highest_m is not None]
    return replace(
        first,
        flight_id=None,
        last_s=max(first.last_s, second.last_s),
        detections=first.detections + second.detections,
        highest_m=max(heights, default=None),
        area=second.area if first.area is None else first.area,
        operator_pseudonym=first.operator_pseudonym or second.operator_pseudonym,
        whole=None,
    )


def _by_time(part: Part) -> tuple[float, str]:
    return part.started_s, part.flight_id or ""
