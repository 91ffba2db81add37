from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from astral import Observer
from astral.sun import sunrise, sunset
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.units import epoch_s
from airspace.model.zone import Applicability, Circle, DailyPeriod, Datum, SunEvent, Volume, Zone
from geofences.schedules.schedule import LOOK_AHEAD_S, Schedules, active, next_change_s
from tests.geofences import made

ALL = frozenset(range(7))
CET = ZoneInfo("Europe/Amsterdam")
HERE = (52.315, 4.925)  # the middle of the zone that ``made`` draws


def hours(
    start: time | SunEvent, end: time | SunEvent, days: frozenset[int] = ALL, zone: str = "Europe/Amsterdam"
) -> Applicability:
    period = DailyPeriod(
        days=days,
        start=time(0) if isinstance(start, SunEvent) else start,
        end=time(0) if isinstance(end, SunEvent) else end,
        start_event=start if isinstance(start, SunEvent) else None,
        end_event=end if isinstance(end, SunEvent) else None,
    )
    return Applicability(periods=(period,), time_zone=zone)


BMCT, SR, SS, EECT = SunEvent
UTC_DAY = hours(time(6), time(16), zone="UTC")
OVERNIGHT_SAT = hours(time(22), time(4), frozenset({5}), "UTC")
DAY = hours(time(8), time(17))
EARLY = hours(time(1), time(5))
WHOLE_SUNDAY = hours(time(0), time(0), frozenset({6}))
HALF_PAST = hours(time(2, 30), time(3, 30))
INTO_THE_HOUR = hours(time(1), time(2, 30))
OVERNIGHT = hours(time(23), time(2, 30), frozenset({5}))
MAY_4 = Applicability(dates=(date(2000, 5, 4),), time_zone="Europe/Amsterdam")


@pytest.mark.parametrize(
    ("rule", "moment", "expected"),
    [
        (UTC_DAY, "2026-05-01T05:59:59Z", False),
        (UTC_DAY, "2026-05-01T06:00:00Z", True),
        (UTC_DAY, "2026-05-01T15:59:59Z", True),
        (UTC_DAY, "2026-05-01T16:00:00Z", False),
        (OVERNIGHT_SAT, "2026-05-02T22:00:00Z", True),  # a Saturday
        (OVERNIGHT_SAT, "2026-05-03T03:59:59Z", True),  # its Sunday morning
        (OVERNIGHT_SAT, "2026-05-03T22:30:00Z", False),
        (OVERNIGHT_SAT, "2026-05-02T03:00:00Z", False),
        (hours(time(17), time(0), zone="UTC"), "2026-05-01T23:59:59.9Z", True),
        (MAY_4, "2026-05-03T21:59:59Z", False),
        (MAY_4, "2026-05-03T22:00:00Z", True),
        (MAY_4, "2027-05-04T21:59:59Z", True),
        (MAY_4, "2026-05-04T22:00:00Z", False),
        (DAY, "2026-03-28T07:00:00Z", True),  # the day before clocks go forward: UTC+1
        (DAY, "2026-03-28T06:59:59Z", False),
        (DAY, "2026-03-29T06:00:00Z", True),  # summer time: UTC+2
        (DAY, "2026-03-29T15:00:00Z", False),
        (DAY, "2026-10-25T06:59:59Z", False),
        (DAY, "2026-10-25T07:00:00Z", True),
        (Applicability(start_s=epoch_s("2026-05-01T00:00:00Z")), "2026-04-30T23:59:59Z", False),
        (Applicability(start_s=epoch_s("2026-05-01T00:00:00Z")), "2026-05-01T00:00:00Z", True),
        (Applicability(end_s=epoch_s("2026-05-01T00:00:00Z")), "2026-05-01T00:00:00Z", False),
        (Applicability(end_s=epoch_s("2026-05-01T00:00:00Z")), "2026-04-01T00:00:00Z", True),
    ],
)
def test_when_a_zone_is_in_force(rule: Applicability, moment: str, *, expected: bool) -> None:
    zone = made.zone(applicability=(rule,))
    assert active(zone, epoch_s(moment)) is expected
    assert Schedules([made.zone(), zone]).active_mask(epoch_s(moment)).tolist() == [True, expected]


@pytest.mark.parametrize(
    ("rule", "first", "end"),
    [
        # 29 March 2026: at 01:00Z the clock goes from 02:00 to 03:00
        (WHOLE_SUNDAY, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),  # 23 hours
        (EARLY, "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"),  # three hours, not four
        (HALF_PAST, "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"),  # its start is skipped: from the skip on
        (INTO_THE_HOUR, "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"),  # its end is skipped: until the skip
        (OVERNIGHT, "2026-03-28T22:00:00Z", "2026-03-29T01:00:00Z"),
        # 25 October 2026: at 01:00Z the clock goes from 03:00 back to 02:00
        (WHOLE_SUNDAY, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),  # 25 hours
        (EARLY, "2026-10-24T23:00:00Z", "2026-10-25T04:00:00Z"),  # five
        (HALF_PAST, "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"),  # from the first 02:30
        (INTO_THE_HOUR, "2026-10-24T23:00:00Z", "2026-10-25T01:30:00Z"),  # until the second 02:30
        (OVERNIGHT, "2026-10-24T21:00:00Z", "2026-10-25T01:30:00Z"),
    ],
)
def test_the_nights_when_clocks_change_to_the_second(rule: Applicability, first: str, end: str) -> None:
    zone = made.zone(applicability=(rule,))
    first_s, end_s = epoch_s(first), epoch_s(end)
    times = np.array([first_s - 1, first_s, first_s + 1, end_s - 1, end_s, end_s + 1])
    expected = [False, True, True, True, False, False]
    assert [active(zone, each) for each in times.tolist()] == expected
    assert Schedules([zone]).active(np.zeros(6, dtype=np.intp), times).tolist() == expected
    assert next_change_s(zone, first_s - 1) == first_s
    assert next_change_s(zone, first_s) == end_s


def sun_s(event: SunEvent, day: date) -> float:
    observer = Observer(latitude=HERE[0], longitude=HERE[1])
    peer = {SR: sunrise, SS: sunset}[event]
    return float(round(peer(observer, day, tzinfo=CET).timestamp()))


JUNE, JUNE_22, DECEMBER = date(2026, 6, 21), date(2026, 6, 22), date(2026, 12, 21)


@pytest.mark.parametrize(
    ("rule", "first_s", "end_s"),
    [
        (hours(SR, SS), sun_s(SR, JUNE), sun_s(SS, JUNE)),
        (hours(SR, SS, zone="UTC"), sun_s(SR, JUNE), sun_s(SS, JUNE)),
        (hours(SS, SR), sun_s(SS, JUNE), sun_s(SR, JUNE_22)),
        (hours(SR, time(21)), sun_s(SR, JUNE), epoch_s("2026-06-21T21:00:00+02:00")),
        (hours(SR, time(0)), sun_s(SR, JUNE), epoch_s("2026-06-22T00:00:00+02:00")),
        (hours(time(0), SR), epoch_s("2026-06-21T00:00:00+02:00"), sun_s(SR, JUNE)),
        (hours(time(22), SR), epoch_s("2026-06-21T22:00:00+02:00"), sun_s(SR, JUNE_22)),
        (hours(SS, time(2)), sun_s(SS, JUNE), epoch_s("2026-06-22T02:00:00+02:00")),
        (hours(SS, time(0)), sun_s(SS, JUNE), epoch_s("2026-06-22T00:00:00+02:00")),
        (hours(time(6), SS), epoch_s("2026-06-21T06:00:00+02:00"), sun_s(SS, JUNE)),
        (hours(SS, time(21)), sun_s(SS, DECEMBER), epoch_s("2026-12-21T21:00:00+01:00")),
        (hours(time(6), SR), epoch_s("2026-12-21T06:00:00+01:00"), sun_s(SR, DECEMBER)),
    ],
)
def test_hours_with_the_sun(rule: Applicability, first_s: float, end_s: float) -> None:
    zone = made.zone(applicability=(rule,))
    assert [active(zone, first_s + after_s) for after_s in (-1, 0, 1)] == [False, True, True]
    assert [active(zone, end_s + after_s) for after_s in (-1, 0, 1)] == [True, False, False]
    assert next_change_s(zone, first_s) == end_s
    assert Schedules([zone]).active_mask(first_s).tolist() == [True]


@pytest.mark.parametrize(
    "rule",
    [
        hours(SS, time(21)),  # in June the sun sets after nine: not until nine of the next day
        hours(time(6), SR),  # and rises before six
    ],
)
def test_an_hour_and_an_event_of_the_same_half_of_a_day_do_not_run_over(rule: Applicability) -> None:
    zone = made.zone(applicability=(rule,))
    assert not any(active(zone, epoch_s("2026-06-21T00:00:00Z") + hour * 3600) for hour in range(24))
    assert next_change_s(zone, epoch_s("2026-06-21T00:00:00Z")) is None


def test_night_is_from_evening_twilight_to_morning_twilight() -> None:
    night, day = (made.zone(applicability=(hours(*each),)) for each in ((EECT, BMCT), (BMCT, EECT)))
    start_s = epoch_s("2026-01-01T00:00:00Z")
    for step in range(366 * 24):
        assert active(night, start_s + step * 3600) is not active(day, start_s + step * 3600)


def tromso(rule: Applicability) -> Zone:
    shape = Circle(latitude_deg=69.65, longitude_deg=18.96, radius_m=1000.0)
    band = Volume(shape=shape, lower_m=0.0, lower_datum=Datum.AGL, upper_m=120.0, upper_datum=Datum.AGL)
    return made.zone(applicability=(rule,), volumes=(band,))


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        (hours(SR, SS), "2026-06-21", False),  # midnight sun: no sunrise, so void
        (hours(SS, SR), "2026-12-21", False),
        (hours(SR, SS), "2026-03-21", True),
        (hours(BMCT, EECT), "2026-12-21", True),
        (hours(time(8), SS), "2026-06-21", False),
    ],
)
def test_beyond_the_polar_circle_a_period_is_void(rule: Applicability, day: str, *, expected: bool) -> None:
    assert active(tromso(rule), epoch_s(f"{day}T11:00:00Z")) is expected


def test_no_gap_at_midnight() -> None:
    zone = made.zone_set(
        made.feature(applicability=[{"schedule": [{"day": ["ANY"], "startTime": "00:00Z", "endTime": "23:59:59Z"}]}])
    ).zones[0]
    midnight_s = epoch_s("2026-05-02T00:00:00Z")
    assert all(active(zone, midnight_s + offset) for offset in (-1.0, -0.5, -1e-3, 0.0, 0.5))
    assert next_change_s(zone, midnight_s) is None


def test_a_schedule_beside_permanent_wins() -> None:
    row = {"permanent": "YES", "schedule": [{"day": ["FRI"], "startTime": "06:00Z", "endTime": "16:00Z"}]}
    zone = made.zone_set(made.feature(applicability=[row], country="XXA", restriction="PROHIBITED")).zones[0]
    assert active(zone, epoch_s("2026-05-01T12:00:00Z"))
    assert not active(zone, epoch_s("2026-05-02T12:00:00Z"))


def test_a_version_of_a_zone_has_its_time() -> None:
    from_s, to_s = epoch_s("2026-05-01T12:00:00Z"), epoch_s("2026-05-03T12:00:00Z")
    always = made.zone(valid_from_s=from_s, valid_to_s=to_s)
    daily = made.zone(valid_from_s=from_s, valid_to_s=to_s, applicability=(UTC_DAY,))
    both = Schedules([always, daily])
    for moment_s, expected in (
        (from_s - 1, [False, False]),
        (from_s, [True, True]),
        (from_s + 4 * 3600, [True, False]),  # 16:00
        (to_s - 1, [True, True]),
        (to_s, [False, False]),
    ):
        assert both.active_mask(moment_s).tolist() == expected
        assert [active(always, moment_s), active(daily, moment_s)] == expected
    assert next_change_s(always, from_s - 3600) == from_s
    assert next_change_s(always, from_s) == to_s
    assert next_change_s(always, to_s) is None
    assert next_change_s(daily, to_s - 1) == to_s


@pytest.mark.parametrize(
    ("rule", "moment", "change"),
    [
        (UTC_DAY, "2026-05-01T05:00:00Z", "2026-05-01T06:00:00Z"),
        (UTC_DAY, "2026-05-01T06:00:00Z", "2026-05-01T16:00:00Z"),
        (UTC_DAY, "2026-05-01T16:00:00Z", "2026-05-02T06:00:00Z"),
        (OVERNIGHT_SAT, "2026-05-03T04:00:00Z", "2026-05-09T22:00:00Z"),  # six days and 18 hours on
        (hours(time(0), time(0), frozenset({4, 5})), "2026-05-01T12:00:00Z", "2026-05-02T22:00:00Z"),  # joined
        (MAY_4, "2026-05-01T12:00:00Z", "2026-05-03T22:00:00Z"),
        (MAY_4, "2026-06-01T12:00:00Z", None),
        (hours(time(0), time(0)), "2026-05-01T12:00:00Z", None),
        (Applicability(end_s=epoch_s("2026-05-09T12:00:00Z")), "2026-05-01T12:00:00Z", "2026-05-09T12:00:00Z"),
        (Applicability(end_s=epoch_s("2026-05-09T12:00:01Z")), "2026-05-01T12:00:00Z", None),  # a second too far
    ],
)
def test_when_a_zone_next_changes(rule: Applicability, moment: str, change: str | None) -> None:
    zone = made.zone(applicability=(rule,))
    assert next_change_s(zone, epoch_s(moment)) == (None if change is None else epoch_s(change))


def test_a_zone_without_hours_never_changes() -> None:
    assert next_change_s(made.zone(), made.NOON_S) is None


def test_rows_are_judged_by_their_own_time() -> None:
    zones = [made.zone(applicability=(UTC_DAY,)), made.zone(), made.zone(applicability=(MAY_4,))]
    rows = np.array([0, 0, 1, 2, 2, 0])
    times = [
        "2026-05-01T05:00:00Z", "2026-05-01T07:00:00Z", "1970-01-01T00:00:00Z", "2026-05-04T07:00:00Z",
        "2026-05-05T07:00:00Z", "2026-05-05T07:00:00Z",
    ]  # fmt: skip
    moments = np.array([epoch_s(each) for each in times])
    schedules = Schedules(zones)
    for _ in range(2):
        assert schedules.active(rows, moments).tolist() == [False, True, True, True, False, True]
    assert schedules.active(rows[:0], moments[:0]).tolist() == []


# The oracle steps through the minutes of a week and reads the wall clock at each.

MINUTES = range(9 * 24 * 60)


def oracle(rule: Applicability, start_s: float) -> list[bool]:
    """Minute by minute: the clock has shown the start of a period, and it yet shows less than its end."""
    clock = ZoneInfo(rule.time_zone)
    walls = [datetime.fromtimestamp(start_s + 60 * minute, clock).replace(tzinfo=None) for minute in MINUTES]
    inside = [False] * len(walls)
    for day in {wall.date() for wall in walls}:
        for period in rule.periods:
            if day.weekday() in period.days:
                first = datetime.combine(day, period.start)
                end = datetime.combine(day, period.end)
                end += timedelta(days=1) if end <= first else timedelta()
                begun = next((at for at, wall in enumerate(walls) if wall >= first), len(walls))
                over = 1 + max((at for at, wall in enumerate(walls) if wall < end), default=-1)
                inside[begun:over] = [True] * max(over - begun, 0)
    return inside


quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
periods = st.builds(
    DailyPeriod, days=st.frozensets(st.integers(0, 6), min_size=1, max_size=7), start=quarters, end=quarters
)
clocks = st.sampled_from(["Europe/Amsterdam", "UTC", "Australia/Lord_Howe", "America/St_Johns"])
rules = st.builds(Applicability, periods=st.lists(periods, min_size=1, max_size=3).map(tuple), time_zone=clocks)
weeks = st.sampled_from(
    ["2026-03-25T00:00:00Z", "2026-10-20T00:00:00Z", "2026-06-10T00:00:00Z", "2026-04-01T00:00:00Z"]
).map(epoch_s)


@settings(max_examples=60)
@given(rules, weeks)
def test_as_a_walk_along_the_clock_finds_it(rule: Applicability, start_s: float) -> None:
    zone = made.zone(applicability=(rule,))
    expected = np.array(oracle(rule, start_s))
    times = start_s + 60.0 * np.array(MINUTES)
    inner = slice(2 * 24 * 60, 7 * 24 * 60)  # periods that reach over the ends of the walk are not all seen by it
    found = Schedules([zone]).active(np.zeros(len(times), dtype=np.intp), times)
    assert np.array_equal(found[inner], expected[inner])


ends = st.one_of(quarters, st.sampled_from(list(SunEvent)))
sunny = st.builds(hours, ends, ends, st.frozensets(st.integers(0, 6), min_size=1), clocks)
zones = st.builds(lambda each: made.zone(applicability=tuple(each)), st.lists(st.one_of(rules, sunny), max_size=3))


@settings(max_examples=40)
@given(st.lists(zones, min_size=1, max_size=4), st.lists(st.floats(0, 8 * 86_400), min_size=1, max_size=20), weeks)
def test_many_rows_at_once_are_as_one_by_one(some: list[Zone], after_s: list[float], start_s: float) -> None:
    times = start_s + np.array(after_s)
    rows = np.arange(len(times)) % len(some)
    one_by_one = [active(some[row], each) for row, each in zip(rows.tolist(), times.tolist(), strict=True)]
    assert Schedules(some).active(rows, times).tolist() == one_by_one


@settings(max_examples=40)
@given(zones, st.floats(0, 8 * 86_400), weeks)
def test_the_next_change_is_a_change_and_the_next(zone: Zone, after_s: float, start_s: float) -> None:
    now_s = start_s + after_s
    change_s = next_change_s(zone, now_s)
    before_s = now_s + LOOK_AHEAD_S if change_s is None else change_s
    between = np.linspace(now_s, before_s, 50, endpoint=False)
    held = Schedules([zone]).active(np.zeros(50, dtype=np.intp), between)
    assert held.all() or not held.any()
    if change_s is not None:
        assert active(zone, change_s) is not bool(held[0])


def test_the_clock_of_the_tests_is_what_they_say() -> None:
    assert datetime(2026, 3, 29, 1, tzinfo=UTC).astimezone(CET).hour == 3
    assert datetime(2026, 10, 25, 1, tzinfo=UTC).astimezone(CET).hour == 2
