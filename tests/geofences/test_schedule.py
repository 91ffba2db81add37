from __future__ import annotations

from datetime import date, time

import numpy as np
import pytest

from airspace.model.units import epoch_s
from airspace.model.zone import Applicability, DailyPeriod
from geofences.schedule import Schedules, active
from tests.geofences import made

ALL = frozenset(range(7))


def hours(start: time, end: time, days: frozenset[int] = ALL, zone: str = "UTC") -> Applicability:
    return Applicability(periods=(DailyPeriod(days=days, start=start, end=end),), time_zone=zone)


OVERNIGHT_SAT = hours(time(22), time(4), frozenset({5}))
AMSTERDAM_DAY = hours(time(8), time(17), zone="Europe/Amsterdam")
AMSTERDAM_NIGHT = hours(time(1), time(5), zone="Europe/Amsterdam")
MAY_4 = Applicability(dates=(date(2000, 5, 4),), time_zone="Europe/Amsterdam")


@pytest.mark.parametrize(
    ("rule", "moment", "expected"),
    [
        (hours(time(6), time(16)), "2026-05-01T05:59:59Z", False),
        (hours(time(6), time(16)), "2026-05-01T06:00:00Z", True),
        (hours(time(6), time(16)), "2026-05-01T16:00:00Z", False),
        (OVERNIGHT_SAT, "2026-05-02T22:00:00Z", True),  # a Saturday
        (OVERNIGHT_SAT, "2026-05-03T03:59:59Z", True),  # its Sunday morning
        (OVERNIGHT_SAT, "2026-05-03T22:30:00Z", False),
        (OVERNIGHT_SAT, "2026-05-02T03:00:00Z", False),
        (hours(time(17), time(0)), "2026-05-01T23:59:59.9Z", True),
        (MAY_4, "2026-05-03T21:59:59Z", False),
        (MAY_4, "2026-05-03T22:00:00Z", True),
        (MAY_4, "2027-05-04T21:59:59Z", True),
        (MAY_4, "2026-05-04T22:00:00Z", False),
        (AMSTERDAM_DAY, "2026-03-28T07:00:00Z", True),  # the day before clocks go forward: UTC+1
        (AMSTERDAM_DAY, "2026-03-28T06:59:59Z", False),
        (AMSTERDAM_DAY, "2026-03-29T06:00:00Z", True),  # summer time: UTC+2
        (AMSTERDAM_DAY, "2026-03-29T15:00:00Z", False),
        (AMSTERDAM_NIGHT, "2026-03-29T00:00:00Z", True),  # 01:00 to 05:00 is three hours long
        (AMSTERDAM_NIGHT, "2026-03-29T02:59:59Z", True),
        (AMSTERDAM_NIGHT, "2026-03-29T03:00:00Z", False),
        (AMSTERDAM_NIGHT, "2026-10-24T23:00:00Z", True),  # and here five
        (AMSTERDAM_NIGHT, "2026-10-25T03:59:59Z", True),
        (AMSTERDAM_NIGHT, "2026-10-25T04:00:00Z", False),
        (AMSTERDAM_DAY, "2026-10-25T06:59:59Z", False),
        (AMSTERDAM_DAY, "2026-10-25T07:00:00Z", True),
        (Applicability(start_s=epoch_s("2026-05-01T00:00:00Z")), "2026-04-30T23:59:59Z", False),
        (Applicability(end_s=epoch_s("2026-05-01T00:00:00Z")), "2026-05-01T00:00:00Z", False),
        (Applicability(end_s=epoch_s("2026-05-01T00:00:00Z")), "2026-04-01T00:00:00Z", True),
    ],
)
def test_when_a_zone_is_in_force(rule: Applicability, moment: str, *, expected: bool) -> None:
    zone = made.zone(applicability=(rule,))
    assert active(zone, epoch_s(moment)) is expected
    assert Schedules([made.zone(), zone]).active_mask(epoch_s(moment)).tolist() == [True, expected]


def test_no_gap_at_midnight() -> None:
    zone = made.zone_set(
        made.feature(applicability=[{"schedule": [{"day": ["ANY"], "startTime": "00:00Z", "endTime": "23:59:59Z"}]}])
    ).zones[0]
    midnight_s = epoch_s("2026-05-02T00:00:00Z")
    assert all(active(zone, midnight_s + offset) for offset in (-1.0, -0.5, -1e-3, 0.0, 0.5))


def test_rows_are_judged_by_their_own_time() -> None:
    zone = made.zone(applicability=(hours(time(6), time(16)),))
    times = np.array([epoch_s("2026-05-01T05:00:00Z"), epoch_s("2026-05-01T07:00:00Z")])
    assert Schedules([zone]).active(np.array([0, 0]), times).tolist() == [False, True]
