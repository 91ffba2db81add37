from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from airspace.model.detection import IdType, texts
from airspace.model.geodesy import WGS84
from airspace.model.notice import NoticeState
from airspace.model.verdict import NoticeGap, Reason
from airspace.model.zone import Datum, Polygon
from geofences.notices.book import GRACE_S, NoticeBook
from geofences.notices.fit import drawn
from geofences.place.shapes import Shapes
from tests.geofences import made

NEAR = (made.ARENA[0] + 0.0058, made.ARENA[1])  # 645 m north of the ArenA, 145 m outside its notice
FAR = (made.ARENA[0] + 0.2, made.ARENA[1])


def own(**changes: Any) -> Any:
    return made.notice(**changes)


def at_time(start_s: float, end_s: float) -> Any:
    return (made.window(start_s=made.NOON_S + start_s, end_s=made.NOON_S + end_s),)


@pytest.mark.parametrize(
    ("notices", "track", "reason", "gap"),
    [
        ([], {}, Reason.NO_NOTICE, None),
        ([own()], {}, Reason.NOTICE_MATCHES, None),
        ([own(state=NoticeState.ACTIVE)], {}, Reason.NOTICE_MATCHES, None),
        ([own()], {"uas_id": made.SERIAL.lower()}, Reason.NOTICE_MATCHES, None),
        ([own(state=NoticeState.REQUESTED)], {}, Reason.NOTICE_NOT_APPROVED, NoticeGap(state="requested")),
        ([own(state=NoticeState.CANCELLED)], {}, Reason.NOTICE_NOT_APPROVED, NoticeGap(state="cancelled")),
        ([own(volumes=at_time(1800, 3600))], {}, Reason.NOTICE_WRONG_TIME, NoticeGap(minutes=30.0)),
        ([own(volumes=at_time(-3600, -600))], {}, Reason.NOTICE_WRONG_TIME, NoticeGap(minutes=-10.0)),
        ([own(volumes=at_time(100_000, 110_000))], {}, Reason.NO_NOTICE, None),
        ([own()], {"height_m": 165.0}, Reason.NOTICE_WRONG_HEIGHT, NoticeGap(metres=65.0)),
        ([own()], {"height_m": 105.0}, Reason.NOTICE_MATCHES, None),  # within its standard deviation
        ([own()], {"height_m": np.nan}, Reason.NOTICE_MATCHES, None),
        ([own(volumes=(made.window(FAR),))], {}, Reason.NO_NOTICE, None),
        ([own()], {"uas_id": None, "uas_id_type": 0}, Reason.NOTICE_IDENTITY_MISSING, NoticeGap(identity="missing")),
        (
            [own()],
            {"uas_id": "beef", "uas_id_type": IdType.SESSION},
            Reason.NOTICE_IDENTITY_MISSING,
            NoticeGap(identity="missing"),
        ),
        ([own(uas_serials=())], {}, Reason.NOTICE_IDENTITY_MISSING, NoticeGap(identity="missing")),
        ([own(uas_serials=("TEST4ZZZZ",))], {}, Reason.NOTICE_WRONG_IDENTITY, NoticeGap(identity="different")),
        ([own(uas_serials=("TEST4ZZZZ",), volumes=(made.window(FAR),))], {}, Reason.NO_NOTICE, None),
        ([own(uas_serials=("TEST4ZZZZ",), state=NoticeState.REQUESTED)], {}, Reason.NO_NOTICE, None),
    ],
)
def test_the_nearest_notice(notices: list[Any], track: dict[str, Any], reason: Reason, gap: NoticeGap | None) -> None:
    row = made.track_row(**track)
    match = NoticeBook(notices).nearest(row, row.height_m, made.NOON_S)
    assert match.reason is reason
    assert match.gap == gap


def test_outside_the_area_is_told_in_metres() -> None:
    row = made.track_row()._replace(latitude_deg=NEAR[0])
    match = NoticeBook([own()]).nearest(row, 50.0, made.NOON_S)
    assert match.reason is Reason.NOTICE_WRONG_PLACE
    assert match.gap is not None
    assert match.gap.metres == pytest.approx(145, abs=2)
    close = row._replace(horizontal_accuracy_m=300.0)
    assert NoticeBook([own()]).nearest(close, 50.0, made.NOON_S).matches


def test_own_notices_come_first_and_the_least_failure_counts() -> None:
    others = own(notice_id="other", uas_serials=("TEST4ZZZZ",))
    late = own(notice_id="late", volumes=at_time(600, 3600))
    later_and_requested = own(notice_id="later", volumes=at_time(300, 3600), state=NoticeState.REQUESTED)
    row = made.track_row()
    match = NoticeBook([others, later_and_requested, late]).nearest(row, 50.0, made.NOON_S)
    assert (match.notice_id, match.reason, match.starts_s) == ("late", Reason.NOTICE_WRONG_TIME, made.NOON_S + 600)
    assert NoticeBook([others, late, own()]).nearest(row, 50.0, made.NOON_S).notice_id == "N1"


def test_an_ellipsoid_limit_is_compared_with_the_ellipsoid_height() -> None:
    window = made.window()
    volume = replace(window.volume, upper_m=143.0, upper_datum=Datum.WGS84)
    book = NoticeBook([own(volumes=(replace(window, volume=volume),))])
    inside = made.track_row(altitude_wgs84_m=140.0, height_m=50.0)
    over = made.track_row(altitude_wgs84_m=190.0, height_m=50.0)
    assert book.nearest(inside, 50.0, made.NOON_S).matches
    assert book.nearest(over, 50.0, made.NOON_S).reason is Reason.NOTICE_WRONG_HEIGHT


def test_which_tracks_a_notice_could_concern() -> None:
    book = NoticeBook([own()])
    latitude, longitude = np.array([made.ARENA[0], FAR[0], FAR[0]]), np.full(3, made.ARENA[1])
    assert book.touches(latitude, longitude, texts(["X", made.SERIAL, None])).tolist() == [True, True, False]
    assert NoticeBook().touches(latitude, longitude, texts(["X", "Y", None])).tolist() == [False] * 3


CANCELLED = NoticeState.CANCELLED
EXPIRED = NoticeState.EXPIRED


@pytest.mark.parametrize(
    ("changes", "at_s", "allowed_by", "reason"),
    [
        ({"state": CANCELLED, "cancelled_s": -1.0}, 0.0, "N1", Reason.NOTICE_GRACE),
        ({"state": CANCELLED, "cancelled_s": 0.0}, 0.0, "N1", Reason.NOTICE_GRACE),
        ({"state": CANCELLED, "cancelled_s": -GRACE_S + 1}, 0.0, "N1", Reason.NOTICE_GRACE),
        ({"state": CANCELLED, "cancelled_s": -GRACE_S}, 0.0, "N1", Reason.NOTICE_NOT_APPROVED),
        ({"state": CANCELLED, "cancelled_s": -1.0}, 0.0, None, Reason.NOTICE_NOT_APPROVED),
        ({"state": CANCELLED, "cancelled_s": -1.0}, 0.0, "other", Reason.NOTICE_NOT_APPROVED),
        ({"state": CANCELLED}, 0.0, "N1", Reason.NOTICE_NOT_APPROVED),  # nobody knows since when
        ({"state": NoticeState.ENDED, "ended_s": -60.0}, 0.0, "N1", Reason.NOTICE_GRACE),
        ({}, 3600.0, "N1", Reason.NOTICE_GRACE),
        ({}, 3600.0 + GRACE_S - 1, "N1", Reason.NOTICE_GRACE),
        ({}, 3600.0 + GRACE_S, "N1", Reason.NOTICE_WRONG_TIME),
        ({}, 3600.0, None, Reason.NOTICE_WRONG_TIME),
        ({"state": EXPIRED}, 3660.0, "N1", Reason.NOTICE_GRACE),
        ({"state": NoticeState.ENDED, "ended_s": 3605.0}, 3610.0, "N1", Reason.NOTICE_GRACE),  # by time, a tick late
        ({"state": CANCELLED, "cancelled_s": -1.0, "volumes": (made.window(NEAR, 50.0),)}, 0.0, "N1", None),
    ],
)
def test_who_was_allowed_is_given_time_to_land(
    changes: dict[str, Any], at_s: float, allowed_by: str | None, reason: Reason | None
) -> None:
    shifted = {name: value + made.NOON_S if name.endswith("_s") else value for name, value in changes.items()}
    row = made.track_row()
    match = NoticeBook([own(**shifted)]).nearest(row, 50.0, made.NOON_S + at_s, allowed_by=allowed_by)
    assert match.reason is (reason or Reason.NOTICE_WRONG_PLACE)
    assert match.matches is (reason is Reason.NOTICE_GRACE)
    if match.matches:
        assert match.gap is not None
        assert match.gap.minutes is not None
        assert -GRACE_S / 60.0 < match.gap.minutes <= 0.0
        assert match.gap.state == changes.get("state", NoticeState.APPROVED)


def test_a_match_goes_before_grace() -> None:
    cancelled = own(state=CANCELLED, cancelled_s=made.NOON_S - 1)
    book = NoticeBook([cancelled, own(notice_id="N2")])
    assert book.nearest(made.track_row(), 50.0, made.NOON_S, allowed_by="N1").notice_id == "N2"


def test_an_expired_notice_fails_by_its_time_and_by_nothing_else() -> None:
    book = NoticeBook([own(state=EXPIRED, volumes=at_time(-3600, -600))])
    match = book.nearest(made.track_row(), 50.0, made.NOON_S)
    assert (match.reason, match.gap) == (Reason.NOTICE_WRONG_TIME, NoticeGap(minutes=-10.0))


def test_a_drone_is_found_by_its_pseudonym() -> None:
    book = NoticeBook([own(uas_serials=("e1:beef",))], alias={made.SERIAL: "e1:beef"}.get)
    row = made.track_row(uas_id=made.SERIAL.lower())
    assert book.nearest(row, 50.0, made.NOON_S).matches
    assert book.touches(np.array([FAR[0]]), np.array([FAR[1]]), texts([made.SERIAL])).tolist() == [True]
    other = made.track_row(uas_id="TEST4ZZZZ")
    assert book.nearest(other, 50.0, made.NOON_S).reason is Reason.NOTICE_WRONG_IDENTITY
    assert not NoticeBook([own(uas_serials=("e1:beef",))]).nearest(row, 50.0, made.NOON_S).matches


def test_own_notices_with_how_far_outside_signed() -> None:
    row = made.track_row()._replace(latitude_deg=NEAR[0])
    (inside,) = NoticeBook([own()]).own(made.track_row(), made.NOON_S, 30.0)
    assert (inside.place_m, inside.height_m) == pytest.approx((-500.0, -70.0), abs=0.1)
    (outside,) = NoticeBook([own()]).own(row, made.NOON_S, 130.0)
    assert (outside.place_m, outside.height_m) == pytest.approx((145.0, 30.0), abs=2.0)
    assert NoticeBook([own()]).own(row, made.NOON_S)[0].height_m == -np.inf  # nothing known of the height
    two = own(volumes=(made.window(FAR), made.window()))
    assert NoticeBook([two]).own(made.track_row(), made.NOON_S, 30.0)[0].place_m == pytest.approx(-500.0)
    for other in (
        own(state=CANCELLED),
        own(volumes=at_time(1, 10)),
        own(volumes=at_time(-10, 0)),
        own(uas_serials=("X",)),
    ):
        assert NoticeBook([other]).own(row, made.NOON_S, 30.0) == ()


@pytest.mark.parametrize(("length_km", "straight_errs_m"), [(4, 0.4), (20, 10), (100, 240)])
def test_edges_are_shortest_paths(length_km: float, straight_errs_m: float) -> None:
    """The middle of a long edge, by pyproj: outside the straight line in longitude and latitude, on our edge."""
    west, north = 4.0, 52.4
    east, _, _ = WGS84.fwd(west, north, 90.0, length_km * 1000)
    (middle,) = WGS84.npts(west, north, east, north, 1)
    ring = ((west, north), (east, north), (east, 52.0), (west, 52.0), (west, north))
    shapes = Shapes([Polygon(rings=(ring,)), drawn(Polygon(rings=(ring,)))])
    at = np.full(2, middle[1]), np.full(2, middle[0])
    straight_m, drawn_m = shapes.margin_m(*at, np.arange(2))
    assert straight_m == pytest.approx(-straight_errs_m, rel=0.1)
    assert abs(drawn_m) < max(0.7, 1.1 * straight_errs_m * (5 / length_km) ** 2)
