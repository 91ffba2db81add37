"""Emitters without identity: sectors, places, ghosts, what Remote ID explains, and that cutting is no matter."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Detections, Flag, OperatorLocation, Source, texts
from airspace.model.track import Tracks, TrackState, unknown_tracks
from airspace.tracking.emitters import News
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.table import Table
from tests.airspace.rows import rows
from tests.tracking.finders import (
    ARENA,
    EAST,
    FINDERS,
    SOUTH,
    START_S,
    WEST,
    Place,
    Sky,
    away_m,
    azimuth,
    bearing,
    holds,
    identified,
    local_m,
    off,
    position,
    same,
)

SILENT = off(ARENA, 20, 1_200)


# directions and places


def test_one_finder_gives_a_sector_and_two_an_ellipse_under_the_same_number() -> None:
    sky = Sky()
    assert sky.go(1, ("df-west", SILENT)).opened == (1,)
    assert sky.go(1, ("df-west", SILENT)).confirmed == (1,)
    sector = sky.go(3, ("df-west", SILENT)).table
    assert sector.bearing_deg[0] == pytest.approx(azimuth(WEST, SILENT))
    assert (sector.bearing_latitude_deg[0], sector.bearing_longitude_deg[0]) == WEST
    assert np.isnan([sector.latitude_deg[0], sector.ellipse_major_m[0], sector.speed_m_s[0]]).all()
    both = ("df-west", SILENT), ("df-oost", SILENT)
    sky.go(1, *both)
    news = sky.go(1, *both)
    assert news.joined == ((2, 1),)
    assert news.owner.tolist() == [1, 1]
    table = news.table
    assert table.number.tolist() == [1]
    assert np.isnan([table.bearing_deg[0], table.bearing_latitude_deg[0]]).all()
    assert away_m(table, 0, SILENT) < 5.0
    assert 200.0 < table.ellipse_minor_m[0] < table.ellipse_major_m[0] < 600.0
    assert sector.confidence[0] == pytest.approx(0.5)
    assert table.confidence[0] == pytest.approx(0.75)
    assert table.sensors[0] == 0b11


def simulated(seed: int, share: float, seconds: int) -> tuple[Place, Table]:
    """Two finders 4 km apart and something that hovers; ``share`` of each error's variance stays."""
    rng = np.random.default_rng(seed)
    truth = off(ARENA, rng.choice([0, 180]) + rng.uniform(-50, 50), rng.uniform(700, 1_500))
    stays = {sensor: rng.normal(0.0, 3.0 * share**0.5) for sensor in ("df-west", "df-oost")}
    sky = Sky()
    news = sky.tick()
    for second in range(1, seconds):
        sky.hear(
            *(
                bearing(sensor, truth, second, error_deg=error + rng.normal(0.0, 3.0 * (1.0 - share) ** 0.5))
                for sensor, error in stays.items()
            )
        )
        news = sky.tick()
    return truth, news.table


@pytest.mark.parametrize(("share", "seconds", "least", "most"), [(0.35, 4, 0.92, 0.985), (0.35, 12, 0.92, 0.99)])
def test_the_ellipse_holds_the_truth_as_often_as_it_says(share: float, seconds: int, least: float, most: float) -> None:
    """Bias and noise as the tracker takes them; 150 draws have a standard deviation of 1.8 % about 95 %."""
    held = []
    for seed in range(150):
        truth, table = simulated(seed, share, seconds)
        placed = np.flatnonzero(~np.isnan(table.latitude_deg)).tolist()
        held += [holds(table, row, truth) for row in placed]
    assert len(held) > 140
    assert least <= np.mean(held) <= most


def test_one_bearing_makes_no_emitter() -> None:
    sky = Sky()
    news = sky.go(1, ("df-west", SILENT))
    assert not news.table.confirmed.any()
    assert sky.go(1, ("df-west", off(ARENA, 200, 1_500))).ended == ()  # one miss may be
    assert sky.go(1, ("df-west", off(ARENA, 200, 1_500))).ended == (1,)  # two of three may not


def test_a_tentative_emitter_of_a_silent_sensor_ends_by_time() -> None:
    sky = Sky()
    sky.go(1, ("df-west", SILENT))
    assert sky.go(8).ended == ()
    assert sky.go(1).ended == (1,)


def test_a_sector_ends_after_half_a_minute_of_silence() -> None:
    sky = Sky()
    sky.go(5, ("df-west", SILENT))
    assert len(sky.go(28).table) == 1
    assert sky.go(1).ended == (1,)
    assert len(sky.emitters) == 0


def test_a_place_that_one_finder_alone_keeps_is_a_sector_again() -> None:
    sky = Sky()
    sky.go(5, ("df-west", SILENT), ("df-oost", SILENT))
    major_m = []
    for _ in range(300):
        table = sky.go(1, ("df-west", SILENT)).table
        major_m.append(float(table.ellipse_major_m[0]))
        if np.isnan(major_m[-1]):
            break
    assert major_m[-2] > 2_000.0
    assert table.number.tolist() == [1]
    assert table.bearing_deg[0] == pytest.approx(azimuth(WEST, SILENT))


def test_a_crossing_drone_is_followed() -> None:
    """At 15 m/s along the north: the place stays within its ellipse's reach, and the speed comes out."""
    sky = Sky()
    for second in range(60):
        here = off(off(ARENA, 0, 1_200), 90, 15.0 * second - 450.0)
        news = sky.go(1, ("df-west", here), ("df-oost", here))
    assert news.table.number.tolist() == [1]
    assert away_m(news.table, 0, here) < 150.0
    assert news.table.speed_m_s[0] == pytest.approx(15.0, abs=4.0)
    assert news.table.track_deg[0] == pytest.approx(90.0, abs=15.0)


# ghosts

LEFT, RIGHT = off(off(ARENA, 0, 1_500), 270, 500), off(off(ARENA, 0, 1_500), 90, 500)


def two_emitters(sensors: tuple[str, ...], hz: tuple[float, float] = (np.nan, np.nan)) -> Table:
    """Two silent drones that each of the finders hears, in the same instants."""
    sky = Sky()
    for _ in range(6):
        sky.hear(
            *(
                bearing(sensor, place, sky.second, frequency_hz=frequency_hz)
                for sensor in sensors
                for place, frequency_hz in zip((LEFT, RIGHT), hz, strict=True)
            )
        )
        news = sky.tick()
    return news.table


def test_where_nothing_tells_two_pairs_apart_no_ghost_is_made() -> None:
    table = two_emitters(("df-west", "df-oost"))
    assert len(table) == 4
    assert table.confirmed.all()
    assert np.isnan(table.latitude_deg).all()


@pytest.mark.parametrize("hz", [(2.44e9, 5.8e9), (2.41e9, 2.47e9)])
def test_frequencies_tell_pairs_apart(hz: tuple[float, float]) -> None:
    table = two_emitters(("df-west", "df-oost"), hz)
    assert len(table) == 2
    assert sorted(min(away_m(table, row, place) for row in (0, 1)) < 30.0 for place in (LEFT, RIGHT)) == [True, True]


def test_a_third_finder_tells_pairs_apart() -> None:
    table = two_emitters(("df-west", "df-oost", "df-zuid"))
    assert len(table) == 2
    assert sorted(min(away_m(table, row, place) for row in (0, 1)) < 60.0 for place in (LEFT, RIGHT)) == [True, True]


def test_other_bands_never_cross() -> None:
    sky = Sky()
    for _ in range(5):
        sky.hear(
            bearing("df-west", SILENT, sky.second, frequency_hz=2.44e9),
            bearing("df-oost", SILENT, sky.second, frequency_hz=5.8e9),
        )
        table = sky.tick().table
    assert len(table) == 2
    assert np.isnan(table.latitude_deg).all()


def test_strength_forbids_a_crossing_that_is_too_far_and_makes_none() -> None:
    """-40 dBm at 2.4 GHz can come from 350 m at most, and the lines cross 2 km away."""
    near = Sky()
    table = near.go(5, ("df-west", SILENT), ("df-oost", SILENT), rssi_dbm=-40.0, frequency_hz=2.4e9).table
    assert np.isnan(table.latitude_deg).all()
    far = Sky()
    table = far.go(5, ("df-west", SILENT), ("df-oost", SILENT), rssi_dbm=-70.0, frequency_hz=2.4e9).table
    assert not np.isnan(table.latitude_deg).any()


# explained


def test_what_remote_id_explains_opens_nothing() -> None:
    sky = Sky()
    news = sky.go(6, ("df-west", SILENT), ("df-oost", SILENT), tracks=identified((7, SILENT, 0.0)))
    assert news.explained.tolist() == [7, 7]
    assert news.owner.tolist() == [-1, -1]
    assert len(news.table) == 0


ROW: dict[str, Any] = {"rssi_dbm": -70.0, "frequency_hz": 2.4e9}


@pytest.mark.parametrize(
    ("row", "place", "more", "explains"),
    [
        ({}, SILENT, {}, True),
        ({"error_deg": 9.5}, SILENT, {}, False),  # more than 3 sigma
        ({"error_deg": 8.5}, SILENT, {}, True),
        ({}, SILENT, {"fix_time_s": START_S + 4.0}, False),  # it was placed 16 s before
        ({}, SILENT, {"fix_time_s": START_S + 6.0}, True),
        ({}, SILENT, {"fix_time_s": START_S + 27.0}, True),
        (ROW, SILENT, {}, True),
        (ROW | {"rssi_dbm": -35.0}, SILENT, {}, False),  # it must be nearer
        ({}, SILENT, {"suspect": True}, False),
        ({}, SILENT, {"state": TrackState.TENTATIVE}, False),
        ({}, SILENT, {"source": Source.ADSB}, False),  # a crew's aircraft sends nothing in drones' bands
        ({}, (np.nan, np.nan), {}, False),
        ({}, off(ARENA, 200, 900), {"operator_latitude_deg": SILENT[0], "operator_longitude_deg": SILENT[1]}, True),
    ],
)
def test_a_bearing_is_explained_by(row: dict[str, Any], place: Place, more: dict[str, Any], explains: bool) -> None:  # noqa: FBT001 - a table's column
    sky = Sky()
    sky.hear(bearing("df-west", SILENT, 20.0, **row))
    sky.second = 26
    news = sky.tick(identified((7, place, 20.0), operator_location_type=OperatorLocation.LIVE, **more))
    assert news.explained.tolist() == ([7] if explains else [-1])
    assert (len(news.opened) == 0) == explains


@pytest.mark.parametrize(
    ("metres", "source", "explains"),
    [(40.0, Source.REMOTE_ID, True), (80.0, Source.REMOTE_ID, False), (40.0, Source.ADSB, True)],
)
def test_a_position_is_explained_by_a_track_in_its_gate(metres: float, source: Source, explains: bool) -> None:  # noqa: FBT001
    """95 % within 30 m: 3 sigma are 45 m."""
    sky = Sky()
    sky.hear(position("radar", off(SILENT, 90, metres), 0.5))
    news = sky.tick(identified((7, SILENT, 0.5), source=source))
    assert news.explained.tolist() == ([7] if explains else [-1])


@pytest.mark.parametrize(("metres", "opens"), [(55.0, False), (140.0, True)])
def test_a_bad_position_of_a_named_drone_opens_nothing(metres: float, opens: bool) -> None:  # noqa: FBT001
    """Between three and five sigma it is mostly its own; it explains nothing either."""
    sky = Sky()
    for second in range(3):
        sky.hear(position("radar", off(SILENT, 90, metres), second + 0.5))
        news = sky.tick(identified((7, SILENT, second + 0.5)))
    assert news.explained.tolist() == [-1]
    assert bool(len(news.table.number)) is opens


def test_a_moving_track_is_looked_for_where_it_was_then() -> None:
    """At 20 m/s, placed ten seconds before: 200 m on, 12 degrees at 900 m."""
    start = off(WEST, 0, 900)
    tracks = identified((7, start, 0.0), speed_m_s=20.0, track_deg=90.0)
    for to, explains in ((off(start, 90, 200), True), (off(start, 270, 200), False)):
        sky = Sky()
        sky.hear(bearing("df-west", to, 10.0))
        sky.second = 10
        assert sky.tick(tracks).explained.tolist() == ([7] if explains else [-1])


def test_of_two_tracks_on_one_line_the_better_explains() -> None:
    sky = Sky()
    sky.hear(bearing("df-west", SILENT, 0.0))
    tracks = identified((7, off(WEST, azimuth(WEST, SILENT) + 4.0, 1_500), 0.0), (9, SILENT, 0.0))
    assert sky.tick(tracks).explained.tolist() == [9]


# a second drone


def test_an_identified_drone_on_the_line_does_not_starve_a_silent_one() -> None:
    """From the west both stand in one line; from the east they do not, and that view keeps the silent one apart."""
    other = off(WEST, azimuth(WEST, SILENT), 1_000)
    sky = Sky()
    both = ("df-west", SILENT), ("df-oost", SILENT)
    sky.go(5, *both)
    news = sky.go(90, *both, tracks=identified((7, other, 0.0)))
    assert news.owner.tolist() == [1, 1]
    assert news.explained.tolist() == [-1, -1]
    assert news.table.ellipse_major_m[0] < 600.0
    assert away_m(news.table, 0, SILENT) < 50.0


def test_without_another_view_the_identified_drone_has_the_bearing() -> None:
    other = off(WEST, azimuth(WEST, SILENT), 1_000)
    sky = Sky()
    sky.go(5, ("df-west", SILENT), ("df-oost", SILENT))
    sky.go(12, ("df-west", SILENT), tracks=identified((7, other, 0.0)))
    assert sky.go(1, ("df-west", SILENT), tracks=identified((7, other, 0.0))).explained.tolist() == [7]


def test_a_silent_drone_in_line_from_one_finder_only_shows_as_the_other_ones_sector() -> None:
    other = off(WEST, azimuth(WEST, SILENT), 1_000)
    news = Sky().go(6, ("df-west", SILENT), ("df-oost", SILENT), tracks=identified((7, other, 0.0)))
    assert news.explained.tolist() == [7, -1]
    assert news.table.bearing_deg.tolist() == pytest.approx([azimuth(EAST, SILENT)])


# merging


def test_a_drone_that_names_itself_late_takes_its_emitter_over() -> None:
    sky = Sky()
    both = ("df-west", SILENT), ("df-oost", SILENT)
    sky.go(10, *both)
    track = identified((7, SILENT, 10.0))
    assert [sky.go(1, *both, tracks=track).merged for _ in range(3)] == [(), (), ((1, 7),)]
    assert len(sky.go(1, *both, tracks=track).table) == 0


def test_a_sector_is_taken_over_alike() -> None:
    sky = Sky()
    sky.go(10, ("df-west", SILENT))
    track = identified((7, SILENT, 10.0))
    assert [sky.go(1, ("df-west", SILENT), tracks=track).merged for _ in range(3)] == [(), (), ((1, 7),)]


def test_an_old_track_that_flies_through_a_sector_takes_nothing() -> None:
    sky = Sky()
    sky.go(1)
    sky.second = 40
    sky.go(5, ("df-west", SILENT))
    for _ in range(5):
        news = sky.go(1, ("df-west", SILENT), tracks=identified((7, SILENT, 0.0), first_seen_s=START_S))
        assert news.merged == ()
    assert sky.go(1, ("df-west", SILENT)).owner.tolist() == [1]


@pytest.mark.parametrize(
    "tracks",
    [
        identified((7, off(SILENT, 90, 900), 10.0)),  # elsewhere
        identified((7, SILENT, 10.0), speed_m_s=60.0, track_deg=90.0, speed_sigma_m_s=0.5),  # in passing
        identified((7, SILENT, 10.0), suspect=True),
        identified((7, SILENT, 10.0), source=Source.ADSB),
        identified((7, SILENT, 10.0), (8, off(SILENT, 90, 30), 10.0)),  # whose is it?
    ],
)
def test_nobody_else_takes_it_over(tracks: Tracks) -> None:
    sky = Sky()
    sky.go(20, ("df-west", SILENT), ("df-oost", SILENT))
    for _ in range(6):
        assert sky.go(1, tracks=tracks).merged == ()


def test_two_that_were_apart_and_come_near_are_two() -> None:
    """A radar's emitter and a track with Remote ID, 300 m apart and then at one place."""
    sky = Sky()
    for second in range(12):
        sky.hear(position("radar", SILENT, second, accuracy_m=20.0))
        apart_m = 300.0 if second < 5 else 0.0
        assert sky.tick(identified((7, off(SILENT, 90, apart_m), second))).merged == ()
    sky = Sky()
    for second in range(8):
        sky.hear(position("radar", SILENT, second, accuracy_m=20.0))
        news = sky.tick(identified((7, SILENT, second)) if second >= 5 else None)
    assert news.merged == ((1, 7),)


def test_a_row_that_the_track_does_not_explain_speaks_against_merging() -> None:
    """A radar's 10 m say 150 m apart, where the finders' ellipse alone would let it pass."""
    sky = Sky()
    sky.go(5, ("df-west", SILENT), ("df-oost", SILENT))
    for _ in range(6):
        sky.hear(position("radar", SILENT, sky.second, accuracy_m=10.0))
        news = sky.tick(identified((7, off(SILENT, 90, 150), sky.second)))
        assert news.merged == ()
    assert news.owner.tolist() == [1]


# positions


def test_positions_make_an_emitter_after_two_of_three() -> None:
    sky = Sky()
    seen = []
    for second in range(4):
        sky.hear(position("radar", off(SILENT, 90, 10.0 * second), second, altitude_wgs84_m=80.0))
        seen.append(sky.tick())
    assert [news.confirmed for news in seen] == [(), (1,), (), ()]
    table = seen[-1].table
    assert away_m(table, 0, off(SILENT, 90, 30)) < 20.0
    assert table.altitude_wgs84_m.tolist() == [80.0]
    assert table.source.tolist() == [Source.SAPIENT]


def test_an_ellipse_counts_as_it_lies() -> None:
    sky = Sky()
    shape = {"ellipse_major_m": 400.0, "ellipse_minor_m": 50.0, "ellipse_deg": 30.0}
    sky.hear(position("rf-net", SILENT, 0.0, accuracy_m=400.0, source=Source.RF, **shape))
    table = sky.tick().table
    assert table.ellipse_deg[0] == pytest.approx(30.0, abs=0.5)
    assert table.ellipse_major_m[0] > 4 * table.ellipse_minor_m[0]


def test_a_sector_that_gets_a_position_keeps_its_number() -> None:
    sky = Sky()
    sky.go(5, ("df-west", SILENT))
    for _ in range(6):
        sky.hear(bearing("df-west", SILENT, sky.second + 0.2), position("radar", SILENT, sky.second + 0.1))
        news = sky.tick()
    assert news.table.number.tolist() == [1]
    assert away_m(news.table, 0, SILENT) < 20.0
    assert news.owner.tolist() == [1, 1]


def test_two_radar_tracks_stay_two() -> None:
    sky = Sky()
    for second in range(20):
        left, right = off(SILENT, 90, 8.0 * second - 80.0), off(SILENT, 270, 8.0 * second - 80.0)
        sky.hear(
            position("radar", off(left, 0, 30), second, 10.0), position("radar", off(right, 180, 30), second, 10.0)
        )
        news = sky.tick()
    assert news.table.number.tolist() == [1, 2]
    north, south = (news.owner - 1).tolist()
    assert away_m(news.table, north, off(left, 0, 30)) < 15.0
    assert away_m(news.table, south, off(right, 180, 30)) < 15.0


# confidence


def test_confidence_is_that_not_all_sensors_err() -> None:
    sky = Sky()
    for _ in range(4):
        sky.hear(
            bearing("df-west", SILENT, sky.second, confidence=0.9),
            bearing("df-oost", SILENT, sky.second, confidence=0.6),
            bearing("df-zuid", SILENT, sky.second),
        )
        table = sky.tick().table
    assert table.confidence.tolist() == pytest.approx([1.0 - 0.1 * 0.4 * 0.5])


VAN = {"sensor": "van", "sensor_latitude_deg": WEST[0], "sensor_longitude_deg": WEST[1]}

# what waits


def test_only_nameless_radio_rows_that_say_where_or_whither_wait() -> None:
    sky = Sky()
    taken = sky.hear(
        bearing("df-west", SILENT, 0.0),
        bearing("df-west", SILENT, 0.0, source=Source.REMOTE_ID),
        bearing("df-west", SILENT, 0.0, uas_id="1596F000000000000000"),
        bearing("df-west", SILENT, 0.0, bearing_deg=np.nan, rssi_dbm=-60.0),
        bearing("df-west", SILENT, 0.0, flags=int(Flag.STALE)),
        {**bearing("df-west", SILENT, 0.0), "sensor": "df-unheard-of"},
        {**bearing("df-west", SILENT, 0.0), **VAN},
        position("radar", SILENT, 0.0),
        bearing("df-west", SILENT, np.nan),
    )
    assert taken == [0, 6, 7]
    assert sky.emitters.unplaced == 2


def test_of_rows_that_are_offered_alone_each_keeps_its_own_number_and_sensor() -> None:
    sky = Sky()
    batch = rows(bearing("df-west", SILENT, 0.0), bearing("df-oost", SILENT, 0.1), bearing("df-zuid", SILENT, 0.2))
    _, taken = sky.emitters.take(batch, np.array([1, 2]), np.array([10, 11, 12]), np.array([3, 4, 5]))
    news = sky.tick()
    assert taken.tolist() == [1, 2]
    assert news.seq.tolist() == [11, 12]
    assert news.table.sensors.tolist() == [1 << 4, 1 << 5]


def test_a_row_says_itself_where_a_mobile_sensor_was() -> None:
    sky = Sky()
    van = {"sensor_latitude_deg": EAST[0], "sensor_longitude_deg": EAST[1]}
    for _ in range(4):
        sky.hear(
            bearing("df-oost", SILENT, sky.second),
            bearing("df-west", SILENT, sky.second, **van, bearing_deg=azimuth(EAST, SILENT)),
        )
        table = sky.tick().table
    assert np.isnan(table.latitude_deg).all()  # both stood in the east: nothing crosses
    assert len(table) == 2


def test_what_waits_is_bounded_and_counted() -> None:
    sky = Sky(rules=Settings(max_waiting=5))
    assert sky.hear(*(bearing("df-west", SILENT, 0.01 * row) for row in range(4))) == [0, 1, 2, 3]
    assert sky.hear(*(bearing("df-west", SILENT, 0.01 * row) for row in range(4))) == [0]
    assert sky.emitters.left_out == 3
    assert len(sky.tick().owner) == 5
    assert sky.hear(bearing("df-west", SILENT, 1.0)) == [0]


def test_rows_that_come_late_are_worked_in_order_of_their_time() -> None:
    in_time, late = Sky(), Sky()
    for sky in (in_time, late):
        sky.go(5, ("df-west", SILENT), ("df-oost", SILENT))
    first, second = bearing("df-west", SILENT, 5.2), bearing("df-oost", SILENT, 5.4)
    in_time.hear(first, second)
    late.hear(second, first)
    assert same(in_time.tick(), late.tick(), skip={"seq", "first_seq", "last_seq"})
    late.hear(bearing("df-west", SILENT, 3.0, logged_s=START_S + 6.5))
    news = late.tick()
    assert news.owner.tolist() == [1]
    assert news.table.fix_time_s[0] == START_S + 5.4
    late.second = 30
    late.hear(bearing("df-west", SILENT, 6.0, logged_s=START_S + 30.5))
    assert late.tick().owner.tolist() == [-1]
    assert late.emitters.too_late == 1


# properties


def evening(seed: int, seconds: int = 12) -> list[Detections]:
    """Noisy bearings and positions of two silent drones and clutter, in log order, a batch a second."""
    rng = np.random.default_rng(seed)
    batches = []
    for second in range(seconds):
        each: list[dict[str, Any]] = []
        here = off(SILENT, 90, 10.0 * second)
        for sensor in FINDERS:
            at_s = second + rng.uniform(0.0, 0.9)
            each.append(bearing(sensor, here, at_s, error_deg=rng.normal(0, 3), confidence=rng.uniform(0.2, 0.9)))
            if rng.random() < 0.3:
                each.append(bearing(sensor, off(ARENA, rng.uniform(0, 360), 1_500), at_s + 0.02))
        each.append(position("radar", off(off(SOUTH, 45, 2_500), rng.uniform(0, 360), 10), second + 0.4))
        batches.append(rows(*sorted(each, key=lambda row: float(row["received_s"]))))
    return batches


def played(batches: list[Detections], cuts: list[set[int]], tracks: Tracks | None = None) -> list[News]:
    sky = Sky()
    told = []
    for batch, cut in zip(batches, cuts, strict=True):
        ends = [0, *sorted(one for one in cut if 0 < one < len(batch)), len(batch)]
        for start, end in pairwise(ends):
            sky.offer(batch.take(slice(start, end)))
        told.append(sky.tick(tracks))
    return told


@settings(max_examples=15)
@given(st.integers(0, 1_000), st.data())
def test_any_cutting_gives_the_same_news(seed: int, data: st.DataObject) -> None:
    batches = evening(seed)
    cuts = [data.draw(st.sets(st.integers(1, 8))) for _ in batches]
    track = identified((7, off(ARENA, 300, 900), 6.0))
    whole = played(batches, [set() for _ in batches], track)
    cut = played(batches, cuts, track)
    assert all(same(a, b) for a, b in zip(whole, cut, strict=True))
    assert len(whole[-1].table) > 0


@settings(max_examples=10)
@given(st.integers(0, 1_000), st.permutations(list(FINDERS)))
def test_other_names_and_another_order_of_the_receivers_give_the_same_tracks(seed: int, order: list[str]) -> None:
    """Each finder gets the name of another, so that ties and numbers fall otherwise."""
    named = dict(zip(FINDERS, order, strict=True))
    batches = evening(seed)
    plain, other = Sky(), Sky({named[sensor]: place for sensor, place in FINDERS.items()})
    other.bits = {sensor: bit for bit, sensor in enumerate(order)}
    for batch in batches:
        plain.offer(batch)
        renamed = texts([named.get(name, name) for name in batch.sensor.tolist()])
        other.offer(batch.replace(sensor=renamed))
        one, two = plain.tick().table, other.tick().table
        assert _shapes(one) == _shapes(two)


def _shapes(table: Table) -> list[list[float]]:
    columns = ("latitude_deg", "longitude_deg", "ellipse_major_m", "bearing_deg", "confidence", "sightings")
    shown = np.stack([np.nan_to_num(getattr(table, name), nan=-1.0) for name in columns], axis=1)
    return sorted(np.round(shown, 5).tolist())


def crossed(middle: Place) -> tuple[float, float, float]:
    """Two finders about a place and something that hovers, errors always the same: how far off, and the ellipse."""
    sensors = {"df-west": off(middle, 270, 2_000), "df-oost": off(middle, 90, 2_000)}
    truth, sky, rng = off(middle, 20, 1_200), Sky(sensors), np.random.default_rng(1)
    for second in range(5):
        towards = {name: (azimuth(place, truth) + rng.normal(0, 3)) % 360.0 for name, place in sensors.items()}
        sky.hear(*(bearing(name, truth, second, bearing_deg=towards_deg) for name, towards_deg in towards.items()))
        table = sky.tick().table
    assert table.number.tolist() == [1]
    return *local_m(truth, table.latitude_deg[0], table.longitude_deg[0]), float(table.ellipse_major_m[0])


@settings(max_examples=10)
@given(st.floats(-60, 60), st.floats(-180, 180))
def test_the_scene_elsewhere_on_the_globe_gives_the_same_tracks(latitude_deg: float, longitude_deg: float) -> None:
    assert crossed((latitude_deg, longitude_deg)) == pytest.approx(crossed(ARENA), abs=3.0)


def test_a_copy_of_the_state_goes_on_as_the_state_does() -> None:
    batches = evening(4)
    sky = Sky()
    for batch in batches[:6]:
        sky.offer(batch)
        sky.tick()
    sky.offer(batches[6].take(slice(0, 2)))
    copy = Sky()
    copy.second, copy.seq, copy.bits = sky.second, sky.seq, dict(sky.bits)
    state = pickle.loads(pickle.dumps(vars(sky.emitters)))
    vars(copy.emitters).clear()
    vars(copy.emitters).update(state)
    for batch in batches[7:]:
        sky.offer(batch)
        copy.offer(batch)
        assert same(sky.tick(), copy.tick())


_ANY = st.one_of(st.just(np.nan), st.floats(-1e6, 1e6), st.floats(-100, 400))


@settings(max_examples=40)
@given(st.lists(st.tuples(*[_ANY] * 8, st.booleans()), min_size=1, max_size=8))
def test_no_value_of_a_row_raises(each: list[tuple[Any, ...]]) -> None:
    """Decoders let no such thing through; what they let through may still be unknown in any column."""
    sky = Sky()
    for row, (bearing_deg, sigma_deg, latitude, longitude, rssi, frequency, major, accuracy, placed) in enumerate(each):
        place = {"latitude_deg": np.clip(latitude, -90, 90), "longitude_deg": np.clip(longitude, -180, 180)}
        sky.hear(
            bearing(
                "df-west",
                SILENT,
                0.1 * row,
                **(place if placed else {"bearing_deg": np.mod(bearing_deg, 360.0)}),
                bearing_accuracy_deg=abs(sigma_deg),
                rssi_dbm=np.clip(rssi, -200, 100),
                frequency_hz=abs(frequency) + 1.0,
                ellipse_major_m=abs(major) + 1.0,
                ellipse_minor_m=1.0,
                ellipse_deg=0.0,
                horizontal_accuracy_m=abs(accuracy),
            )
        )
    tracks = unknown_tracks(1, number=np.array([3]), state=np.array([2], dtype=np.int8))
    for _ in range(3):
        table = sky.tick(tracks).table
        placed = ~np.isnan(table.latitude_deg)
        assert np.all(np.abs(table.latitude_deg[placed]) <= 90.0)
        assert np.all(np.abs(table.longitude_deg[placed]) <= 180.0)
