from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from airspace.model.units import epoch_s
from geofences.notices.capacity import Capacity, CapacityEntry, hours, weekdays


def entry(commercial: int = 2, emergency: int = 1, **changes: Any) -> CapacityEntry:
    return CapacityEntry(group="ctr-eham", commercial=commercial, emergency=emergency, **changes)


NIGHT = {"start": time(23), "end": time(7)}
EVENT: dict[str, Any] = {"since_s": epoch_s("2026-06-23T00:00:00Z"), "until_s": epoch_s("2026-06-26T00:00:00Z")}


@pytest.mark.parametrize(
    ("at", "room"),
    [
        ("2026-05-01T12:00:00Z", (2, 1)),
        ("2026-05-01T20:59:59Z", (2, 1)),
        ("2026-05-01T21:00:00Z", (1, 3)),  # 23:00 in Amsterdam, Friday
        ("2026-05-02T04:59:59Z", (1, 3)),  # Friday's night ends on Saturday
        ("2026-05-02T05:00:00Z", (2, 1)),
        ("2026-05-02T22:00:00Z", (2, 1)),  # Saturday has no such night
        ("2026-01-02T21:59:59Z", (2, 1)),  # in winter one hour later by UTC
        ("2026-01-02T22:00:00Z", (1, 3)),
        ("2026-06-22T23:59:59Z", (2, 1)),
        ("2026-06-23T00:00:00Z", (0, 5)),  # an event: written last, it counts
        ("2026-06-25T23:59:59Z", (0, 5)),
        ("2026-06-26T00:00:00Z", (2, 1)),
    ],
)
def test_the_last_entry_that_holds_counts(at: str, room: tuple[int, int]) -> None:
    capacity = Capacity(entries=(entry(), entry(1, 3, days=weekdays(["FRI"]), **NIGHT), entry(0, 5, **EVENT)))
    assert capacity.of("ctr-eham", epoch_s(at)) == room


def test_where_nobody_said_anything_nothing_is_known() -> None:
    capacity = Capacity(entries=(entry(**EVENT),))
    assert capacity.of("ctr-eham", epoch_s("2026-06-22T00:00:00Z")) is None
    assert capacity.of("ctr-ehrd", epoch_s("2026-06-24T00:00:00Z")) is None
    assert Capacity().of("ctr-eham", 0.0) is None


def test_words_of_the_configuration() -> None:
    assert hours("08:00-23:30") == (time(8), time(23, 30))
    assert hours("00:00-24:00") == (time(0), time(0))
    assert weekdays([]) == frozenset(range(7))
    assert weekdays(["MON", "SUN"]) == {0, 6}
