"""Hours of a clock that is changed: of zones, areas, shutters and capacity alike; and hours that name an offset."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model import local_time
from airspace.model.sensor import Hours
from airspace.model.units import epoch_s
from airspace.model.zone import Zone
from geofences.formats import geojson, tgb
from geofences.notices.capacity import CapacityEntry
from geofences.schedules.schedule import active
from geofences.zone_set import ZoneSet
from tests.geofences import made

HOME = ZoneInfo("Europe/Amsterdam")
SQUARE = [[4.90, 52.30], [4.95, 52.30], [4.95, 52.33], [4.90, 52.33], [4.90, 52.30]]
ALL = frozenset(range(7))


def drawn(**properties: object) -> ZoneSet:
    feature = {
        "type": "Feature",
        "properties": {"id": "f"} | properties,
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
    }
    return geojson.read(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode(), "f")


def fence(**properties: object) -> Zone:
    (zone,) = drawn(**properties).zones
    return zone


def area(schedule: dict[str, object]) -> Zone:
    values = {"id": "T", "notam": "M0001/26", "polygon": [SQUARE], "schedule": schedule}
    (zone,) = tgb.read(json.dumps({"temporaryAreas": [values]}).encode(), "f").zones
    return zone


# a row of local hours on a night, and instants with the right answer
NIGHTS = [
    # Amsterdam, 25 October 2026: 02:00-03:00 is shown twice
    ("22:00", "02:30", "2026-10-24", "Europe/Amsterdam", "2026-10-25T01:29:59Z", True),
    ("22:00", "02:30", "2026-10-24", "Europe/Amsterdam", "2026-10-25T01:30:00Z", False),
    ("02:15", "04:00", "2026-10-25", "Europe/Amsterdam", "2026-10-25T00:15:00Z", True),  # the first showing
    ("02:15", "04:00", "2026-10-25", "Europe/Amsterdam", "2026-10-25T00:14:59Z", False),
    ("02:00", "02:00", "2026-10-24", "Europe/Amsterdam", "2026-10-25T00:59:59Z", True),
    # 29 March 2026: 02:00-03:00 is not shown at all
    ("02:30", "04:00", "2026-03-29", "Europe/Amsterdam", "2026-03-29T00:59:59Z", False),
    ("02:30", "04:00", "2026-03-29", "Europe/Amsterdam", "2026-03-29T01:00:00Z", True),
    ("22:00", "02:30", "2026-03-28", "Europe/Amsterdam", "2026-03-29T00:59:59Z", True),
    ("22:00", "02:30", "2026-03-28", "Europe/Amsterdam", "2026-03-29T01:00:00Z", False),
    # other clocks: London an hour later, New York on another night, Lord Howe by half an hour, Cairo at midnight
    ("23:00", "01:30", "2026-10-24", "Europe/London", "2026-10-25T01:29:59Z", True),
    ("23:00", "01:30", "2026-10-24", "Europe/London", "2026-10-25T01:30:00Z", False),
    ("23:00", "01:30", "2026-10-31", "America/New_York", "2026-11-01T06:29:59Z", True),
    ("23:00", "01:30", "2026-10-31", "America/New_York", "2026-11-01T06:30:00Z", False),
    ("20:00", "01:45", "2026-04-04", "Australia/Lord_Howe", "2026-04-04T15:14:59Z", True),
    ("20:00", "01:45", "2026-04-04", "Australia/Lord_Howe", "2026-04-04T15:15:00Z", False),
    ("20:00", "00:00", "2026-04-23", "Africa/Cairo", "2026-04-23T21:59:59Z", True),
    ("20:00", "00:00", "2026-04-23", "Africa/Cairo", "2026-04-23T22:00:00Z", False),
]


@pytest.mark.parametrize("kind", ["dated", "yearly", "weekly", "area"])
@pytest.mark.parametrize(("start", "end", "day", "clock", "moment", "expected"), NIGHTS)
def test_every_kind_of_hours_says_the_same_of_a_clock_change(
    kind: str, start: str, end: str, day: str, clock: str, moment: str, *, expected: bool
) -> None:
    row: dict[str, object] = {"start": start, "end": end, "time_zone": clock}
    weekday = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")[date.fromisoformat(day).weekday()]
    row |= {"days": [weekday]} if kind == "weekly" else {"dates": [day[5:] if kind == "yearly" else day]}
    zone = area(row) if kind == "area" else fence(schedule=row)
    assert active(zone, epoch_s(moment)) is expected


@pytest.mark.parametrize(("start", "end", "day", "clock", "moment", "expected"), NIGHTS)
def test_shutters_say_it_too(start: str, end: str, day: str, clock: str, moment: str, *, expected: bool) -> None:
    days = frozenset({date.fromisoformat(day).weekday()})
    hours = Hours(days=days, start=time.fromisoformat(start), end=time.fromisoformat(end), zone=clock)
    assert hours.holds(epoch_s(moment)) is expected


def test_capacity_does_not_fall_open_in_the_hour_that_comes_twice() -> None:
    entry = CapacityEntry(group="g", commercial=1, emergency=0, start=time(22), end=time(2, 30))
    held = [entry.holds(epoch_s(f"2026-10-25T{hour}Z")) for hour in ("00:29", "00:45", "01:29:59", "01:30")]
    assert held == [True, True, True, False]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 (a clock on the wall)
    st.times(),
    st.times(),
    st.sampled_from(["Europe/Amsterdam", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_within_a_span_the_clock_shows_hours_of_it_and_outside_it_none(
    wall: datetime, start: time, end: time, clock: str
) -> None:
    zone = ZoneInfo(clock)
    low_s, high_s = local_time.span_s(wall.date(), start, end, zone)
    start_wall = datetime.combine(wall.date(), start)
    end_wall = datetime.combine(wall.date() + timedelta(days=end <= start), end)
    for fold in (0, 1):
        time_s = wall.replace(fold=fold, tzinfo=zone).timestamp()
        if datetime.fromtimestamp(time_s, zone).replace(tzinfo=None, fold=0) != wall:
            continue  # the clock skips it
        if start_wall <= wall < end_wall:
            assert low_s <= time_s < high_s


@pytest.mark.parametrize(
    ("row", "inside", "outside"),
    [
        ({"day": ["MON"], "startTime": "08:00:00+02:00", "endTime": "17:00:00+02:00"}, "06:00", "15:00"),
        ({"day": ["MON"], "startTime": "08:00+02:00", "endTime": "17:00Z"}, "16:59", "17:00"),
        ({"day": ["SUN"], "startTime": "20:00-05:00", "endTime": "22:00-05:00"}, "01:00", "03:00"),  # Monday in UTC
        ({"day": ["MON"], "startTime": "01:00+02:00", "endTime": "01:30+02:00"}, None, "23:00"),  # Sunday in UTC
        ({"day": "Monday", "startTime": "8:00Z", "endTime": "9:00Z"}, "08:30", "09:00"),
    ],
)
def test_hours_with_an_offset_are_of_that_offset(row: dict[str, object], inside: str | None, outside: str) -> None:
    zone_set = made.zone_set(made.feature(applicability=[{"permanent": "NO", "schedule": [row]}]))
    (zone,) = zone_set.zones
    if inside is not None:
        assert active(zone, epoch_s(f"2026-06-01T{inside}Z"))  # a Monday
        assert active(zone, epoch_s(f"2026-01-05T{inside}Z"))  # so is this, in winter
    assert not active(zone, epoch_s(f"2026-06-01T{outside}Z"))
    told = [each.what for each in zone_set.oddities if "offset" in each.what]
    assert told == (
        ["hours with the offset +02:00: of that offset in summer and in winter"] if "+02" in str(row) else told
    )


def test_rows_of_several_offsets_each_keep_theirs() -> None:
    rows = [
        {"day": ["MON"], "startTime": "08:00+02:00", "endTime": "09:00+02:00"},
        {"day": ["MON"], "startTime": "08:00Z", "endTime": "09:00Z"},
    ]
    (zone,) = made.zone_set(made.feature(applicability=[{"schedule": rows}])).zones
    held = [active(zone, epoch_s(f"2026-06-01T{hour}:30Z")) for hour in ("05", "06", "07", "08", "09")]
    assert held == [False, True, False, True, False]


def test_a_fence_may_say_its_hours_with_an_offset() -> None:
    zone_set = drawn(schedule={"start": "18:00+02:00", "end": "23:30+02:00", "dates": ["2026-05-01"]})
    assert active(zone_set.zones[0], epoch_s("2026-05-01T16:00:00Z"))
    assert not active(zone_set.zones[0], epoch_s("2026-05-01T21:30:00Z"))
    assert any("+02:00" in each.what for each in zone_set.oddities)
    assert active(fence(schedule={"start": "19:00Z", "end": "20:00Z"}), epoch_s("2026-01-01T19:30:00Z"))


@pytest.mark.parametrize(
    ("end", "last", "first_after"),
    [
        ("2026-06-30", "2026-06-30T23:59:59Z", "2026-07-01T00:00:00Z"),
        ("2026-06-30T12:00:00+02:00", "2026-06-30T09:59:59Z", "2026-06-30T10:00:00Z"),
        ("2026-06-30T12:00:00.0000000Z", "2026-06-30T11:59:59Z", "2026-06-30T12:00:00Z"),
    ],
)
def test_dates_as_files_write_them(end: str, last: str, first_after: str) -> None:
    window = {"permanent": "NO", "startDateTime": "2026-06-01", "endDateTime": end, "schedule": []}
    (zone,) = made.zone_set(made.feature(applicability=[window])).zones
    held = [active(zone, epoch_s(moment)) for moment in ("2026-06-01T00:00:00Z", last, first_after)]
    assert held == [True, True, False]
