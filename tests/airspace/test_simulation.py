"""The simulator's flights, log and truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Detections, Flag, OperatorLocation, Source, Status, Transport
from airspace.model.geodesy import geodesic_m
from airspace.model.identity import is_operator_id, is_serial
from airspace.simulation import PRESETS, Kind, Scene, Settings, scene, settings_for, truth_lines, wire
from airspace.simulation import paths as flights
from airspace.simulation.fleet import muster
from airspace.simulation.paths import STEP_S

EXACT = Settings(
    aircraft=30, loss_share=0.0, late_share=0.0, repeat_share=0.0, drone_skew_s=0.0, receiver_skew_s=0.0, length_s=100
)


@pytest.fixture(scope="module")
def exact() -> Scene:
    return scene(EXACT, 5)


@pytest.fixture(scope="module")
def usual() -> Scene:
    return scene(Settings(aircraft=40), 6)


def same(first: Detections, second: Detections) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=kind == "number")
        for name, kind in COLUMNS.items()
    )


def written(made: Scene) -> bytes:
    return b"".join((*wire(made), *truth_lines(made)))


def interpolated(made: Scene, aircraft: int, time_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The truth of one aircraft between its seconds: off by less than a metre."""
    mine = made.truth.aircraft == aircraft
    at_s = made.truth.time_s[mine]
    latitude_deg = np.interp(time_s, at_s, made.truth.latitude_deg[mine])
    return latitude_deg, np.interp(time_s, at_s, made.truth.longitude_deg[mine])


@pytest.mark.parametrize("name", ["few", "spoofers", "unidentified"])
def test_a_seed_is_the_same_scene_byte_for_byte_and_another_seed_another(name: str) -> None:
    first, again, other = (scene(PRESETS[name], seed) for seed in (3, 3, 4))
    assert same(first.detections, again.detections)
    assert np.array_equal(first.owner, again.owner)
    assert written(first) == written(again)
    assert written(first) != written(other)


def test_more_sensors_change_no_flight_and_no_remote_id() -> None:
    few = scene(PRESETS["few"], 3)
    more = scene(replace(PRESETS["few"], finders=3, locators=1), 3)
    assert np.array_equal(few.truth.latitude_deg, more.truth.latitude_deg)
    heard = more.detections.take(more.detections.source == Source.REMOTE_ID)
    assert same(few.detections, heard.replace(content_id=few.detections.content_id))


@pytest.mark.parametrize("seed", range(4))
def test_nobody_flies_faster_or_turns_sharper_than_such_an_aircraft_can(seed: int) -> None:
    settings = Settings(aircraft=60, winged_share=0.5, landing_share=0.8)
    rng = np.random.default_rng(seed)
    fleet = muster(settings, rng)
    flown = flights.fly(fleet, settings, rng)
    kind = fleet.winged.astype(int)[:, None]
    assert np.all(np.hypot(flown.east_m_s, flown.north_m_s) <= flights.MAX_SPEED_M_S[kind])
    pulled = np.hypot(np.diff(flown.east_m_s), np.diff(flown.north_m_s)) / STEP_S
    most = np.hypot(flights.MAX_ACCELERATION_M_S2, flights.MAX_SIDEWAYS_M_S2)[kind]
    assert np.all(pulled <= 1.1 * most)  # a turn in steps is a little sharper than the turn
    assert flown.up_m_s.max() <= flights.MAX_CLIMB_M_S.max()
    assert flown.up_m_s.min() >= -flights.MAX_SINK_M_S.max()
    assert np.abs(np.diff(flown.up_m_s)).max() / STEP_S <= flights.MAX_VERTICAL_M_S2.max() + 1e-9
    assert 0.0 <= flown.height_m.min() < flown.height_m.max() < 130.0
    moved = np.hypot(np.diff(flown.east_m), np.diff(flown.north_m)) / STEP_S
    assert np.allclose(moved, np.hypot(flown.east_m_s, flown.north_m_s)[:, :-1])


def test_flights_begin_and_end_on_the_ground_and_do_all_manoeuvres() -> None:
    settings = Settings(aircraft=60, flying_share=0.0, landing_share=1.0, length_s=240)
    rng = np.random.default_rng(1)
    fleet = muster(settings, rng)
    flown = flights.fly(fleet, settings, rng)
    assert not flown.airborne[:, 0].any()
    assert flown.airborne.any(axis=1).all()
    assert not flown.airborne[:, -1].any()
    assert np.all(flown.height_m[:, -1] == 0.0)
    assert np.all(np.diff(flown.airborne.astype(int), axis=1).clip(min=0).sum(axis=1) == 1), "one flight each"
    still = ~flown.airborne
    assert np.all(flown.height_m[still] == 0.0)
    assert np.all(np.hypot(flown.east_m_s, flown.north_m_s)[still] < 0.2)
    speed, climb = np.hypot(flown.east_m_s, flown.north_m_s), flown.up_m_s
    aloft = flown.airborne & (flown.height_m > 15.0)
    hovers = aloft & (speed < 0.1)
    heading = np.unwrap(np.arctan2(flown.east_m_s, flown.north_m_s), axis=1)
    turns = aloft[:, 1:] & (speed[:, 1:] > 4.0) & (np.abs(np.diff(heading, axis=1)) / STEP_S > 0.1)
    for share in (hovers.mean(), turns.mean(), (aloft & (climb > 1)).mean(), (aloft & (climb < -1)).mean()):
        assert share > 0.01


def test_the_log_is_in_order_and_every_row_has_an_id_of_its_own(usual: Scene) -> None:
    rows = usual.detections
    assert np.all(np.diff(rows.logged_s) >= 0.0)
    assert np.all(rows.logged_s > rows.received_s - 0.5)
    assert len(set(rows.content_id.tolist())) == len(rows) == len(usual.owner)
    assert {len(one) for one in rows.content_id.tolist()} == {16}
    late = rows.logged_s - rows.received_s > 1.0
    assert 0.005 < late.mean() < 0.03
    assert np.diff(rows.received_s).min() < -1.0, "late rows stand out of the order of their times"


def test_the_truth_is_a_second_grid_of_who_is_switched_on(usual: Scene) -> None:
    truth = usual.truth
    assert set(truth.time_s - usual.settings.start_s) == set(range(usual.settings.length_s + 1))
    assert np.all(np.diff(truth.time_s) >= 0.0)
    assert len(set(zip(truth.aircraft.tolist(), truth.time_s.tolist(), strict=True))) == len(truth)
    assert set(truth.aircraft.tolist()) == set(range(40))
    assert np.array_equal(truth.kind, usual.kind[truth.aircraft])
    assert 0.0 < truth.airborne.mean() < 1.0


def test_positions_hold_the_accuracy_that_they_state(exact: Scene) -> None:
    rows = exact.detections
    inside, sizes = [], set()
    for aircraft in range(30):
        chosen = (exact.owner == aircraft) & ~np.isnan(rows.latitude_deg)
        mine = rows.take(chosen)
        latitude_deg, longitude_deg = interpolated(exact, aircraft, mine.time_s)
        off_m = geodesic_m(mine.latitude_deg, mine.longitude_deg, latitude_deg, longitude_deg)
        sizes |= set(mine.horizontal_accuracy_m.tolist())
        inside.append(off_m <= mine.horizontal_accuracy_m + 0.8)
        assert off_m.max() < 3.0 * mine.horizontal_accuracy_m.max()
    assert sizes == {1.0, 3.0, 10.0}
    assert 0.94 < np.concatenate(inside).mean() < 0.99


def test_heights_and_speeds_are_those_of_the_truth(exact: Scene) -> None:
    rows, truth = exact.detections, exact.truth
    for aircraft in range(10):
        mine, his = rows.take((exact.owner == aircraft) & ~np.isnan(rows.height_m)), truth.aircraft == aircraft
        height_m = np.interp(mine.time_s, truth.time_s[his], truth.height_m[his])
        speed_m_s = np.interp(mine.time_s, truth.time_s[his], truth.speed_m_s[his])
        assert np.abs(mine.height_m - height_m).max() < 5.0
        assert np.abs(mine.speed_m_s - speed_m_s).max() < 4.5  # a second of braking, noise
        assert np.abs(mine.altitude_wgs84_m - 41.0 - height_m).max() < 20.0


def test_honest_messages_are_a_little_old_and_their_counters_move(usual: Scene) -> None:
    rows = usual.detections
    age_s = (rows.received_s - rows.time_s)[~np.isnan(rows.time_s)]
    assert -0.5 < age_s.min() < age_s.max() < 2.0
    assert not np.any(rows.flags & int(Flag.SKEW))
    for aircraft in range(40):
        mine = usual.owner == aircraft
        if np.count_nonzero(mine) > 50:
            assert len(set(rows.counter[mine].tolist())) > 10


def test_bluetooth_4_sends_ids_apart_from_places_and_packs_hold_both(usual: Scene) -> None:
    rows = usual.detections
    single = rows.transport == Transport.BLE4
    named, placed = rows.uas_id != np.array(None), ~np.isnan(rows.latitude_deg)
    operator = ~np.isnan(rows.operator_latitude_deg)
    assert np.all((named.astype(int) + placed + operator + (rows.operator_id != np.array(None)))[single] == 1)
    assert np.all((named & operator)[~single])
    assert (named & placed)[~single].mean() > 0.8
    assert set(rows.transport.tolist()) == {1, 2, 3, 4}
    assert np.any(rows.alias_id[~single] != np.array(None))


def test_a_message_is_heard_by_several_repeated_and_sent_under_changing_addresses(usual: Scene) -> None:
    rows = usual.detections
    packs = np.flatnonzero(rows.transport == Transport.BLE5)
    said = zip(usual.owner[packs].tolist(), rows.counter[packs].tolist(), rows.sensor[packs].tolist(), strict=True)
    heard = Counter(said)  # a counter comes again after 256 s: not within this scene
    assert max(heard.values()) == 2
    assert 0.02 < np.mean(np.array(list(heard.values())) == 2) < 0.12
    sensors = Counter((aircraft, counter) for aircraft, counter, _ in heard)
    assert max(sensors.values()) == 4
    by_radio = {
        (aircraft, radio): set(rows.transmitter[(usual.owner == aircraft) & (rows.transport == radio)].tolist())
        for aircraft in range(40)
        for radio in range(1, 5)
    }
    assert 0.05 < np.mean([len(addresses) > 1 for addresses in by_radio.values() if addresses]) < 0.5
    everybody = [address for addresses in by_radio.values() for address in addresses]
    assert len(everybody) == len(set(everybody)), "no address is two radios'"


def test_what_is_near_is_heard_more_often_and_louder(usual: Scene) -> None:
    rows, site = usual.detections, usual.sensors[0]
    placed = (rows.sensor == site.sensor_id) & ~np.isnan(rows.latitude_deg) & (rows.height_m > 20.0)
    mine = rows.take(placed)
    there = np.full(len(mine), site.latitude_deg), np.full(len(mine), site.longitude_deg)
    away_m = geodesic_m(*there, mine.latitude_deg, mine.longitude_deg)
    order = np.argsort(away_m)
    near, far = np.array_split(mine.rssi_dbm[order], 2)
    assert near.mean() > far.mean() + 3.0
    level = np.corrcoef(np.log10(away_m), mine.rssi_dbm)[0, 1]
    assert level < -0.7


def test_before_take_off_the_pilots_place_is_sent_from_the_ground(usual: Scene) -> None:
    rows, found = usual.detections, 0
    for aircraft in range(40):
        mine = np.flatnonzero(usual.owner == aircraft)
        flying = mine[rows.status[mine] == Status.AIRBORNE]
        before = mine[rows.received_s[mine] < (rows.received_s[flying].min() - 1.0 if len(flying) else 0.0)]
        if len(before) > 10:
            found += 1
            assert set(rows.status[before].tolist()) <= {Status.UNKNOWN, Status.GROUND}
            assert np.any(~np.isnan(rows.operator_latitude_deg[before]))
    assert found > 5
    assert set(rows.operator_location_type.tolist()) >= {OperatorLocation.TAKEOFF, OperatorLocation.LIVE}


def test_ids_are_of_the_form_and_of_no_maker(usual: Scene) -> None:
    assert all(is_serial(one) and one.startswith("9ZZZ") for one in usual.uas_id.tolist())
    assert len(set(usual.uas_id.tolist())) == 40
    assert all(is_operator_id(one) for one in set(usual.detections.operator_id.tolist()) - {None})


@limits(max_examples=10, deadline=None)
@given(rows=st.integers(1, 5000), seed=st.integers(0, 5))
def test_any_cutting_gives_the_same_rows_and_ticks(rows: int, seed: int) -> None:
    made = scene(PRESETS["few"], seed)
    batches = list(made.batches(rows))
    assert max(len(batch.detections) for batch in batches) <= rows
    assert same(Detections.concat([batch.detections for batch in batches]), made.detections)
    ticks = [batch.tick_s for batch in batches if batch.tick_s is not None]
    assert ticks == [made.settings.start_s + second + 1 for second in range(len(ticks))]
    assert len(ticks) >= made.settings.length_s
    tick_s = made.settings.start_s
    for batch in batches:
        assert np.all((batch.detections.logged_s >= tick_s) & (batch.detections.logged_s < tick_s + 1.0))
        tick_s = batch.tick_s or tick_s


def test_the_presets_and_the_spread_go_from_one_to_two_hundred_sparse_to_dense() -> None:
    spread = [settings_for(seed) for seed in range(100)]
    counts = [one.aircraft for one in spread]
    assert (counts[0], counts[99]) == (1, 200)
    assert counts == sorted(counts)
    crowded = [one.aircraft / (np.pi * (one.radius_m / 1000.0) ** 2) for one in spread]
    assert min(crowded) < 0.6
    assert max(crowded) > 9.0
    assert settings_for(107) == settings_for(7)
    assert {"one", "few", "city", "dense", "sparse", "swarm", "spoofers", "unidentified"} <= set(PRESETS)


def test_an_empty_sky_is_a_scene_too() -> None:
    made = scene(Settings(aircraft=0, finders=1, clutter_per_scan=0.0), 1)
    assert (len(made.detections), len(made.truth), written(made)) == (0, 0, b"")
    assert [batch.tick_s for batch in made.batches(10)][-1] == made.settings.start_s + made.settings.length_s


def test_without_remote_id_there_is_rf_alone() -> None:
    made = scene(PRESETS["unidentified"], 2)
    silent = np.flatnonzero(made.kind == Kind.SILENT)
    of_silent = np.isin(made.owner, silent)
    assert len(silent) == 5
    assert set(made.detections.source[of_silent].tolist()) == {Source.RF}
    assert set(made.owner[made.owner < 0].tolist()) == {-1}
    assert set(made.uas_id[silent].tolist()) == {None}
