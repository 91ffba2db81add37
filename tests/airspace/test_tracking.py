from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Detections, Flag, IdType, Source, Status
from airspace.model.log import Batch
from airspace.model.track import (
    TRACK_COLUMNS,
    Changes,
    Phase,
    Remark,
    TrackEventKind,
    TrackRow,
    TrackState,
    phase,
    rounds,
)
from airspace.tracking.picture import Picture
from tests.airspace.rows import ARENA, START_S, batch, flight, rows

SERIAL = "9ZZZ5AAAAA"
OTHER = "9ZZZ5BBBBB"


def kinds(changes: Changes) -> list[TrackEventKind]:
    return [event.kind for event in changes.events]


def test_two_sightings_confirm_a_track_and_three_detections_count_a_flight() -> None:
    picture = Picture()
    first, second, third = flight(SERIAL, 3)
    assert kinds(picture.step(batch(first))) == [TrackEventKind.APPEARED, TrackEventKind.FLIGHT_STARTED]
    assert kinds(picture.step(batch(second))) == [TrackEventKind.CONFIRMED]
    changes = picture.step(batch(third))
    assert kinds(changes) == [TrackEventKind.FLIGHT_COUNTED]
    counted = changes.events[0].flight
    assert counted is not None
    assert (counted.detections, counted.counted, counted.ended) == (3, True, False)


def test_single_ble_messages_of_one_transmitter_are_one_aircraft() -> None:
    """The id comes in a message of its own; the Locations before it carry only the address."""
    mac = "7A:60:00:00:00:01"
    located = [{**row, "uas_id": None, "transmitter": mac} for row in flight(SERIAL, 4)]
    named = {"uas_id": SERIAL, "transmitter": mac, "received_s": START_S + 1.5}
    picture = Picture()
    changes = picture.step(batch(located[0], located[1], named, located[2], located[3]))
    assert len(picture) == 1
    assert set(changes.rows.number.tolist()) == {0}
    assert changes.rows.uas_id.tolist() == [None, None, SERIAL, SERIAL, SERIAL]


def test_three_addresses_on_three_transports_are_one_aircraft() -> None:
    path = flight(SERIAL, 6)
    macs = ["DF:72:00:00:00:01", "7A:60:00:00:00:02", "7E:60:00:00:00:03"]
    log = []
    for second, row in enumerate(path):
        log.append({**row, "uas_id": None, "transmitter": macs[second % 3]})
        log.append({"uas_id": SERIAL, "transmitter": macs[second % 3], "received_s": row["received_s"]})
    picture = Picture()
    changes = picture.step(batch(*log, tick_s=START_S + 6))
    merged = [event for event in changes.events if event.kind is TrackEventKind.MERGED]
    assert len(picture) == 1
    assert changes.live is not None
    assert changes.live.sightings.tolist() == [12]
    assert len(merged) == 2
    assert all(event.into == changes.live.number[0] for event in merged)


def test_a_second_receiver_is_a_sighting_not_a_movement() -> None:
    log = []
    for row in flight(SERIAL, 5):
        log += [{**row, "sensor": "north"}, {**row, "sensor": "south", "received_s": row["received_s"] + 0.01}]
        log[-1]["time_s"] = log[-2]["time_s"] = row["received_s"] - 0.5
    changes = Picture().step(batch(*log))
    assert changes.rows.fix.tolist() == [True, False] * 5
    assert changes.sensors_of(int(changes.rows.sensors[-1])) == ("north", "south")
    assert changes.rows.sightings[-1] == 10


def test_one_bit_error_in_a_serial_makes_no_confirmed_drone_and_keeps_the_address() -> None:
    mac = "7A:60:00:00:00:01"
    path = [{**row, "transmitter": mac} for row in flight(SERIAL, 4)]
    broken = {**path[2], "uas_id": "9ZZZ5AAAAB", "received_s": path[2]["received_s"] + 0.1}
    nameless = {**path[3], "uas_id": None}
    picture = Picture()
    changes = picture.step(batch(*path[:3], broken, nameless, tick_s=START_S + 4))
    assert changes.live is not None
    states = dict(zip(changes.live.uas_id.tolist(), changes.live.state.tolist(), strict=True))
    assert states == {SERIAL: TrackState.CONFIRMED, "9ZZZ5AAAAB": TrackState.TENTATIVE}
    assert changes.rows.number.tolist() == [0, 0, 0, 3, 0]


def test_serial_and_session_id_of_one_pack_are_one_aircraft() -> None:
    both = {**flight(SERIAL, 1)[0], "alias_id": "01ab" * 10, "alias_id_type": IdType.SESSION}
    session = {"uas_id": "01ab" * 10, "uas_id_type": IdType.SESSION, "received_s": START_S + 1}
    picture = Picture()
    changes = picture.step(batch(both, session))
    assert changes.rows.number.tolist() == [0, 0]
    assert changes.rows.uas_id.tolist() == [SERIAL, SERIAL]


def test_silence_coasts_then_ends_and_the_flight_with_it() -> None:
    picture = Picture()
    picture.step(batch(*flight(SERIAL, 5)))
    assert kinds(picture.step(Batch(detections=Detections.empty(), tick_s=START_S + 10))) == []
    assert kinds(picture.step(Batch(detections=Detections.empty(), tick_s=START_S + 15))) == [TrackEventKind.COASTING]
    changes = picture.step(Batch(detections=Detections.empty(), tick_s=START_S + 4 + 300))
    assert kinds(changes) == [TrackEventKind.FLIGHT_ENDED, TrackEventKind.ENDED]
    ended = changes.events[0].flight
    assert ended is not None
    assert (ended.detections, ended.last_s) == (5, START_S + 4)
    assert len(picture) == 0


@pytest.mark.parametrize(("gap_s", "flights"), [(299, 1), (301, 2)])
def test_gaps_under_five_minutes_are_one_flight(gap_s: int, flights: int) -> None:
    picture = Picture()
    seen = set()
    log = flight(SERIAL, 5) + flight(SERIAL, 5, start_s=START_S + 4 + gap_s)
    clock = START_S
    for row in log:
        while clock + 1 <= row["received_s"]:
            clock += 1
            picture.step(Batch(detections=Detections.empty(), tick_s=clock))
        seen |= set(picture.step(batch(row)).rows.flight_id.tolist())
    assert len(seen) == flights


def test_a_drone_on_the_ground_flies_no_flight() -> None:
    log = [{**row, "status": Status.GROUND, "height_m": 0.0} for row in flight(SERIAL, 5, north_m_s=0.0)]
    changes = Picture().step(batch(*log))
    assert TrackEventKind.FLIGHT_STARTED not in kinds(changes)
    assert changes.rows.flight_id.tolist() == [None] * 5


def test_the_filter_finds_speed_and_course_where_the_message_gives_none() -> None:
    changes = Picture().step(batch(*flight(SERIAL, 20, north_m_s=8.0, horizontal_accuracy_m=3.0)))
    assert changes.rows.speed_m_s[-1] == pytest.approx(8.0, abs=0.5)
    assert min(changes.rows.track_deg[-1], 360 - changes.rows.track_deg[-1]) < 3.0
    assert changes.rows.position_sigma_m[-1] < 1.5


def test_a_fix_older_than_the_last_moves_nothing() -> None:
    path = flight(SERIAL, 3)
    late = {**path[1], "received_s": START_S + 2.2, "time_s": path[1]["received_s"] - 0.5, "height_m": 5.0}
    changes = Picture().step(batch(path[0], path[2], late))
    assert changes.rows.fix.tolist() == [True, True, False]
    assert changes.rows.height_m[-1] == 60.0


def test_unknown_stays_unknown() -> None:
    changes = Picture().step(batch({"uas_id": SERIAL}))
    track = changes.rows.row(0)
    assert np.isnan(track.latitude_deg)
    assert np.isnan(track.height_m)
    assert track.operator_id is None


def test_a_full_picture_counts_what_it_cannot_follow() -> None:
    picture = Picture(max_tracks=3)
    changes = picture.step(batch(*({"uas_id": f"9ZZZ1{letter}"} for letter in "ABCDE")))
    assert (len(picture), picture.untracked, len(changes.rows)) == (3, 2, 3)
    assert changes.detection.tolist() == [0, 1, 2]


# signs


def spoofed() -> list[dict[str, Any]]:
    """Message time and counter stand still while the position moves, 24 km from the operator it names."""
    return [
        {**row, "time_s": START_S - 1858.0, "counter": 93, "operator_latitude_deg": 52.1, "operator_longitude_deg": 4.9}
        for row in flight(SERIAL, 30, north_m_s=20.0)
    ]


def test_a_replayed_message_with_a_moving_position_is_suspect_with_its_reasons() -> None:
    changes = Picture().step(batch(*spoofed()))
    last = changes.rows.row(len(changes.rows) - 1)
    assert last.suspect
    assert Remark(last.remarks) == Remark.SKEW | Remark.FROZEN_TIME | Remark.FROZEN_COUNTER | Remark.OPERATOR_FAR


def test_one_sign_is_no_suspicion() -> None:
    skewed = [{**row, "time_s": row["received_s"] - 60.0} for row in flight(SERIAL, 30)]
    changes = Picture().step(batch(*skewed))
    assert Remark(int(changes.rows.remarks[-1])) == Remark.SKEW
    assert not changes.rows.suspect.any()


def test_honest_repeats_raise_no_sign() -> None:
    """A real Parrot sends each message nine times a second under one counter value."""
    log = []
    for row in flight(SERIAL, 10, operator_latitude_deg=ARENA[0], operator_longitude_deg=ARENA[1]):
        same = {**row, "time_s": row["received_s"] - 1.2, "counter": int(row["received_s"]) % 256}
        log += [{**same, "received_s": row["received_s"] + part / 10} for part in range(9)]
    changes = Picture().step(batch(*log))
    assert not changes.rows.remarks.any()


def test_fifteen_ghosts_of_one_transmitter_are_remarked_upon_and_the_real_one_is_not() -> None:
    mac = "66:66:66:66:66:66"
    log = []
    for second in range(20):
        log.append({**flight(SERIAL, 20)[second], "transmitter": "7A:60:00:00:00:01", "counter": second})
        log += [
            {
                **flight(f"9ZZZ2G{letter}", 20, north_m_s=0.0)[second],
                "transmitter": mac,
                "time_s": START_S - 10,
                "counter": 7,
            }
            for letter in "ABCDEFGHJKLMNPQ"
        ]
    changes = Picture().step(batch(*log, tick_s=START_S + 20))
    assert changes.live is not None
    suspects = dict(zip(changes.live.uas_id.tolist(), changes.live.suspect.tolist(), strict=True))
    assert len(suspects) == 16
    assert not suspects.pop(SERIAL)
    assert all(suspects.values())


def test_an_aircraft_with_a_crew_is_followed_but_no_drone_is_counted_and_no_speed_suspicious() -> None:
    """250 m/s, heard by two receivers: an airliner, and on ADS-B no sign of anything."""
    fast = flight("4840d6", 20, north_m_s=250.0, uas_id_type=IdType.ICAO, source=Source.ADSB, transmitter="4840d6")
    for row in fast[::2]:
        row["sensor"] = "south"
    changes = Picture().step(batch(*fast, tick_s=START_S + 20))
    assert changes.live is not None
    assert changes.live.uas_id.tolist() == ["4840d6"]
    assert changes.live.remarks.tolist() == [0]
    assert TrackEventKind.FLIGHT_COUNTED not in kinds(changes)
    drone = [{**row, "source": Source.REMOTE_ID, "uas_id_type": IdType.SERIAL} for row in fast]
    assert Picture().step(batch(*drone)).rows.remarks[-1] & Remark.TOO_FAST


def test_a_height_in_a_disputed_unit_is_doubted_by_as_much_as_it_says() -> None:
    sure, unsure = flight(SERIAL, 2, height_m=150.0, vertical_accuracy_m=3.0)
    unsure["flags"] = Flag.LOW_TRUST_ALTITUDE
    tracks = Picture().step(batch(sure, unsure)).rows
    assert tracks.vertical_accuracy_m.tolist() == [3.0, 300.0]


def test_what_is_stale_is_of_no_track() -> None:
    live, old = flight(SERIAL, 3), flight(OTHER, 3, flags=Flag.STALE, transmitter="t")
    mixed = [row for pair in zip(live, old, strict=True) for row in pair]
    changes = Picture().step(batch(*mixed, tick_s=START_S + 3))
    assert changes.live is not None
    assert changes.live.uas_id.tolist() == [SERIAL]
    assert changes.detection.tolist() == [0, 2, 4]


def test_a_receiver_whose_clock_is_known_to_be_wrong_makes_no_drone_suspect() -> None:
    """Ten minutes slow: the drones' own times are right, and so is the log's."""
    found = flight(SERIAL, 5)
    for row in found:
        row |= {"time_s": row["received_s"] - 0.5, "logged_s": row["received_s"]}
        row["received_s"] -= 600.0
    skewed = Picture().step(batch(*found)).rows
    assert skewed.remarks[-1] & Remark.SKEW
    known = Picture().step(batch(*({**row, "flags": Flag.CLOCK_OF_SENSOR} for row in found))).rows
    assert known.remarks.tolist() == [0] * 5
    assert known.skew_s.tolist() == [0.5] * 5
    assert known.last_seen_s[-1] == found[-1]["logged_s"]


# twins


def two_places(apart_deg: float = 0.5, seconds: int = 6, phase_s: float = 0.4) -> list[dict[str, Any]]:
    """One serial, sent from two places in turn."""
    near = flight(SERIAL, seconds)
    far = [{**row, "latitude_deg": row["latitude_deg"] + apart_deg, "sensor": "far"} for row in near]
    return [
        {**row, "received_s": row["received_s"] + part * phase_s, "time_s": row["received_s"] + part * phase_s}
        for pair in zip(near, far, strict=True)
        for part, row in enumerate(pair)
    ]


@pytest.mark.parametrize("apart_deg", [0.5, 0.005])  # another city, half a kilometre
def test_one_serial_at_two_places_is_two_tracks_with_the_sign_on_both(apart_deg: float) -> None:
    log = two_places(apart_deg)
    changes = Picture().step(batch(*log, tick_s=START_S + 6))
    live = changes.live
    assert live is not None
    assert live.uas_id.tolist() == [SERIAL, SERIAL]
    assert live.state.tolist() == [TrackState.CONFIRMED] * 2
    assert [Remark(each) for each in live.remarks.tolist()] == [Remark.IDENTITY_CONFLICT] * 2
    assert live.suspect.tolist() == [True, True]
    assert live.latitude_deg == pytest.approx([log[-2]["latitude_deg"], log[-1]["latitude_deg"]])
    told = [(event.seq, event.kind) for event in changes.events if event.kind is TrackEventKind.REMARKED]
    assert told == [(3, TrackEventKind.REMARKED)] * 2  # away, home, away: the second row from the far place


def test_messages_of_the_same_second_from_two_places_are_two_tracks() -> None:
    """A relay sends the very same message times."""
    log = [{**row, "time_s": START_S + index // 2} for index, row in enumerate(two_places(0.01))]
    live = Picture().step(batch(*log, tick_s=START_S + 6)).live
    assert live is not None
    assert [Remark(each) & Remark.IDENTITY_CONFLICT for each in live.remarks.tolist()] == [Remark.IDENTITY_CONFLICT] * 2


def test_a_jump_is_one_track_with_a_remark() -> None:
    """A drone that finds its satellites again, or a replay that moves on."""
    log = flight(SERIAL, 12)
    for row in log[6:]:
        row["latitude_deg"] += 0.02
    changes = Picture().step(batch(*log, tick_s=START_S + 12))
    assert changes.live is not None
    assert changes.live.uas_id.tolist() == [SERIAL]
    assert Remark(int(changes.live.remarks[0])) == Remark.TOO_FAST
    assert not changes.live.suspect[0]
    assert changes.live.latitude_deg[0] == log[-1]["latitude_deg"]
    merged = [event for event in changes.events if event.kind is TrackEventKind.MERGED]
    assert [(event.seq, event.into) for event in merged] == [(8, 0)]
    assert kinds(changes).count(TrackEventKind.CONFIRMED) == 1


def test_one_wrong_position_is_told_to_nobody() -> None:
    log = flight(SERIAL, 12)
    log[5]["latitude_deg"] += 0.02
    picture = Picture()
    changes = picture.step(batch(*log, tick_s=START_S + 12))
    assert changes.live is not None
    assert changes.live.state.tolist() == [TrackState.CONFIRMED, TrackState.TENTATIVE]
    assert changes.live.remarks.tolist() == [0, 0]
    later = picture.step(batch(tick_s=START_S + 40))
    assert later.live is not None
    assert len(later.live) == 1


def test_the_twin_goes_on_when_the_other_falls_silent() -> None:
    log = two_places()
    picture = Picture()
    picture.step(batch(*log, tick_s=START_S + 6))
    far = [
        {**log[-1], "received_s": START_S + second, "time_s": START_S + second, "content_id": str(second).encode()}
        for second in range(7, 400)
    ]
    for row in far:
        changes = picture.step(batch(row, tick_s=row["received_s"]))
    assert changes.live is not None
    assert (len(changes.live), changes.live.first_seen_s[0]) == (1, START_S + 0.4)


# a new address, by place


def rotated(gap_s: float, offset_m: float = 0.0) -> Changes:
    """A drone without an id changes its address after ten seconds."""
    path = [{**row, "uas_id": None, "transmitter": "A"} for row in flight(SERIAL, 20)]
    log, more = path[:10], [{**row, "transmitter": "B"} for row in path[10:]]
    for row in more:
        row["received_s"] += gap_s
        row["time_s"] = row["received_s"] - 0.5
        row["latitude_deg"] += (gap_s * 5.0 + offset_m) / 111_300
    picture = Picture()
    for row in [*log, *more[:4]]:
        changes = picture.step(batch(row, tick_s=row["received_s"]))
    return changes


@pytest.mark.parametrize(
    ("gap_s", "offset_m", "tracks"), [(0.0, 0.0, 1), (3.0, 0.0, 1), (0.0, 300.0, 2), (60.0, 0.0, 2)]
)
def test_a_new_address_where_a_drone_fell_silent_is_that_drone(gap_s: float, offset_m: float, tracks: int) -> None:
    changes = rotated(gap_s, offset_m)
    assert changes.live is not None
    assert len(changes.live) == tracks


# before take-off


def test_a_pilots_place_on_the_ground_is_told_once_before_take_off() -> None:
    pilot = {"operator_latitude_deg": 52.3, "operator_longitude_deg": 4.95}
    ground = flight(SERIAL, 5, north_m_s=0.0, status=Status.GROUND, height_m=0.0, **pilot)
    picture = Picture()
    changes = picture.step(batch(*ground))
    assert kinds(changes).count(TrackEventKind.CONTROLLER_ON) == 1
    (told,) = (event for event in changes.events if event.kind is TrackEventKind.CONTROLLER_ON)
    assert (told.track.operator_latitude_deg, phase(told.track)) == (52.3, Phase.CONTROLLER_ON)
    alone = [{**row, "latitude_deg": np.nan, "longitude_deg": np.nan, "status": 0} for row in ground]
    assert TrackEventKind.CONTROLLER_ON in kinds(Picture().step(batch(*alone)))
    flown = Picture().step(batch(*flight(SERIAL, 5, **pilot)))
    assert TrackEventKind.CONTROLLER_ON not in kinds(flown)
    assert [phase(flown.rows.row(row)) for row in (0, 4)] == [Phase.AIRBORNE] * 2


# heights


def test_a_climb_rate_is_found_where_the_message_gives_none() -> None:
    log = flight(SERIAL, 20)
    for second, row in enumerate(log):
        row["height_m"] = 10.0 + 2.0 * second
        row["vertical_accuracy_m"] = 3.0
    rates = Picture().step(batch(*log)).rows.vertical_speed_m_s
    assert np.isnan(rates[0])
    assert rates[-1] == pytest.approx(2.0, abs=0.1)
    told = Picture().step(batch(*[{**row, "vertical_speed_m_s": 1.0} for row in log])).rows
    assert told.vertical_speed_m_s[-1] == 1.0


# any batching


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to five drones with addresses that come, go and collide, ids that come late, repeats and late rows."""
    n = draw(st.integers(1, 60))
    log, clock = [], START_S
    for _ in range(n):
        clock += draw(st.sampled_from([0.0, 0.1, 0.4, 1.0, 7.0]))
        drone = draw(st.integers(0, 4))
        row: dict[str, Any] = {
            "received_s": clock,
            "time_s": clock - draw(st.sampled_from([0.0, 0.5, 2.0, 100.0])),
            "transmitter": draw(st.sampled_from([None, "A", "B", "C", f"M{drone}"])),
            "uas_id": draw(st.sampled_from([None, f"S{drone}", f"S{drone}", "S0"])),
            "sensor": draw(st.sampled_from(["north", "south"])),
            "counter": draw(st.integers(0, 3)),
        }
        if draw(st.booleans()):
            row |= {"alias_id": f"x{draw(st.integers(0, 3))}", "alias_id_type": IdType.SESSION} if row["uas_id"] else {}
        if draw(st.integers(0, 3)):
            row |= {"latitude_deg": 52.3 + drone / 100 + draw(st.floats(0, 0.01)), "longitude_deg": 4.9}
        log.append(row)
    return log


def replay(log: list[dict[str, Any]], size: int) -> tuple[list[Any], list[Any]]:
    """Rows and events of a log cut into batches of at most ``size`` rows, a tick at each whole second in between."""
    picture = Picture()
    seen: list[str] = []
    events: list[str] = []
    pending: list[dict[str, Any]] = []

    def step(tick_s: float | None = None) -> None:
        changes = picture.step(batch(*pending, tick_s=tick_s))
        pending.clear()
        seen.extend(repr(changes.rows.row(index)) for index in range(len(changes.rows)))
        events.extend(repr(event) for event in changes.events)
        if changes.live is not None:
            seen.extend(repr(changes.live.row(index)) for index in range(len(changes.live)))

    clock = START_S
    for index, row in enumerate(log):
        while clock + 1 <= row["received_s"]:
            clock += 1
            step(clock)
        pending.append({**row, "content_id": str(index).encode()})
        if len(pending) >= size:
            step()
    step(clock + 1)
    step(clock + 400)
    return seen, events


@settings(max_examples=40, deadline=None)
@given(logs())
def test_any_batching_gives_the_same_picture(log: list[dict[str, Any]]) -> None:
    whole = replay(log, 4096)
    for size in (1, 2, 7):
        assert replay(log, size) == whole


@given(st.lists(st.integers(0, 6), max_size=40))
def test_rounds_hold_each_track_once_and_keep_its_order(numbers: list[int]) -> None:
    parts = rounds(np.array(numbers, dtype=np.int64))
    assert sorted(np.concatenate(parts).tolist() if parts else []) == list(range(len(numbers)))
    turns = {row: turn for turn, part in enumerate(parts) for row in part.tolist()}
    for part in parts:
        values = [numbers[row] for row in part.tolist()]
        assert len(set(values)) == len(values)
    for first in range(len(numbers)):
        for second in range(first + 1, len(numbers)):
            if numbers[first] == numbers[second]:
                assert turns[first] < turns[second]


def test_rows_carry_every_column() -> None:
    changes = Picture().step(Batch(detections=rows(*flight(SERIAL, 2))))
    assert all(len(getattr(changes.rows, name)) == 2 for name in TRACK_COLUMNS)


def test_a_row_has_the_columns_of_the_table_in_their_order() -> None:
    assert TrackRow._fields == TRACK_COLUMNS
