from __future__ import annotations

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import astral.sun
import pytest
from astral import Observer

from airspace.model.units import epoch_s
from airspace.model.zone import SunEvent
from geofences.schedules.sun import moment_s

AMSTERDAM = (52.3676, 4.9041)
TROMSO = (69.6492, 18.9553)
HELSINKI = (60.1699, 24.9384)
AUCKLAND = (-36.8485, 174.7633)
HONOLULU = (21.3069, -157.8583)
CET = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("event", "day", "almanac"),
    [
        (SunEvent.SR, date(2026, 6, 21), "2026-06-21T05:18:00+02:00"),
        (SunEvent.SS, date(2026, 6, 21), "2026-06-21T22:06:00+02:00"),
        (SunEvent.SR, date(2026, 12, 21), "2026-12-21T08:48:00+01:00"),
        (SunEvent.SS, date(2026, 12, 21), "2026-12-21T16:29:00+01:00"),
    ],
)
def test_the_almanac_of_amsterdam(event: SunEvent, day: date, almanac: str) -> None:
    assert moment_s(event, day, CET, AMSTERDAM) == pytest.approx(epoch_s(almanac), abs=120)


@pytest.mark.parametrize(
    ("event", "peer"),
    [
        (SunEvent.BMCT, astral.sun.dawn),
        (SunEvent.SR, astral.sun.sunrise),
        (SunEvent.SS, astral.sun.sunset),
        (SunEvent.EECT, astral.sun.dusk),
    ],
)
def test_every_day_of_a_year_as_astral_says_it(event: SunEvent, peer: object) -> None:
    assert callable(peer)
    observer = Observer(latitude=AMSTERDAM[0], longitude=AMSTERDAM[1])
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        assert moment_s(event, day, CET, AMSTERDAM) == round(peer(observer, day, tzinfo=CET).timestamp())


@pytest.mark.parametrize(
    ("event", "day", "place", "there"),
    [
        (SunEvent.SR, date(2026, 6, 21), TROMSO, False),  # midnight sun
        (SunEvent.SS, date(2026, 6, 21), TROMSO, False),
        (SunEvent.SR, date(2026, 12, 21), TROMSO, False),  # polar night ...
        (SunEvent.BMCT, date(2026, 12, 21), TROMSO, True),  # ... which still has its twilight
        (SunEvent.EECT, date(2026, 6, 21), (63.4305, 10.3951), False),  # Trondheim: no civil dusk in June
        (SunEvent.SS, date(2026, 6, 21), (63.4305, 10.3951), True),
        (SunEvent.SR, date(2026, 6, 21), (90.0, 0.0), False),
    ],
)
def test_where_the_sun_does_not_make_it(event: SunEvent, day: date, place: tuple[float, float], *, there: bool) -> None:
    assert (moment_s(event, day, UTC, place) is not None) is there


def test_a_dusk_after_midnight_is_of_the_evening_before() -> None:
    dusk_s = moment_s(SunEvent.EECT, date(2026, 6, 21), ZoneInfo("Europe/Helsinki"), HELSINKI)
    assert dusk_s is not None
    assert epoch_s("2026-06-22T00:00:00+03:00") < dusk_s < epoch_s("2026-06-22T01:00:00+03:00")


@pytest.mark.parametrize(
    ("place", "clock", "offset"),
    [(AUCKLAND, ZoneInfo("Pacific/Auckland"), "+12:00"), (HONOLULU, ZoneInfo("Pacific/Honolulu"), "-10:00")],
)
def test_near_the_date_line_a_day_is_the_local_one(place: tuple[float, float], clock: ZoneInfo, offset: str) -> None:
    day = date(2026, 6, 21)
    times = [moment_s(event, day, clock, place) for event in SunEvent]
    assert None not in times
    assert times == sorted(times, key=lambda each: each or 0.0)
    for moment, hours in zip(times, ((5, 8), (5, 8), (17, 20), (17, 20)), strict=True):
        low, high = (epoch_s(f"2026-06-21T{hour:02d}:00:00{offset}") for hour in hours)
        assert low <= (moment or 0.0) < high
