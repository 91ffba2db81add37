"""Each forger shows what such a forger shows, and no honest drone does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from airspace.model.detection import Detections, Flag, Source
from airspace.model.geodesy import geodesic_m
from airspace.simulation import Kind, Scene, Settings, Spoof, scene

SETTINGS = Settings(aircraft=8, static=1, replayed=1, relayed=2, swarm=15, one_address=15, flying_share=1.0, finders=2)


@pytest.fixture(scope="module")
def made() -> Scene:
    return scene(SETTINGS, 11)


def of(made: Scene, spoof: Spoof) -> Detections:
    return made.detections.take(np.isin(made.owner, np.flatnonzero(made.spoof == spoof)))


def extent_m(rows: Detections) -> float:
    placed = rows.take(~np.isnan(rows.latitude_deg))
    first = np.full(len(placed), placed.latitude_deg[0]), np.full(len(placed), placed.longitude_deg[0])
    return float(geodesic_m(*first, placed.latitude_deg, placed.longitude_deg).max())


def test_a_static_one_moves_while_its_counter_and_time_stand_still(made: Scene) -> None:
    rows = of(made, Spoof.STATIC)
    assert len(rows) > 50
    assert len(set(rows.counter.tolist())) == 1
    assert len(set(np.round(rows.time_s, 1).tolist())) == 1
    assert extent_m(rows) > 150.0


def test_a_replayed_one_is_old(made: Scene) -> None:
    rows = of(made, Spoof.REPLAYED)
    age_s = rows.received_s - rows.time_s
    assert 599.0 < age_s.min() <= age_s.max() < 1702.0
    assert np.ptp(age_s) < 2.0
    assert np.all(rows.flags & int(Flag.SKEW))
    assert len(set(rows.counter.tolist())) > 20


def test_a_swarm_is_many_serials_many_addresses_one_counter_and_one_loudness(made: Scene) -> None:
    rows = of(made, Spoof.SWARM)
    assert len(set(rows.uas_id.tolist())) == 15
    assert len(set(rows.transmitter.tolist())) == 15
    assert set(rows.counter.tolist()) == {1613 % 256}
    assert np.all(rows.flags & int(Flag.SKEW)), "a clock that was never set"
    at_one = rows.take(rows.sensor == rows.sensor[0])
    means = [at_one.rssi_dbm[at_one.uas_id == serial].mean() for serial in sorted(set(at_one.uas_id.tolist()))]
    assert np.std(means) < 2.0, "one aerial"


def test_one_address_with_many_serials(made: Scene) -> None:
    rows = of(made, Spoof.ONE_ADDRESS)
    assert len(set(rows.uas_id.tolist())) == 15
    assert len(set(rows.transmitter.tolist())) == 1
    assert len(set(rows.counter.tolist())) > 20


def test_a_clone_has_the_serial_of_a_real_one_kilometres_away(made: Scene) -> None:
    rows = made.detections
    for clone in np.flatnonzero(made.spoof == Spoof.RELAYED):
        serial = made.uas_id[clone]
        (original,) = np.flatnonzero((made.uas_id == serial) & (made.kind == Kind.REAL))
        mine, his = ((made.owner == one) & ~np.isnan(rows.latitude_deg) for one in (clone, original))
        assert np.any(mine)
        assert not set(rows.transmitter[mine].tolist()) & set(rows.transmitter[his].tolist())
        nearest = np.abs(rows.time_s[mine][:, None] - rows.time_s[his][None, :])
        partner = nearest.argmin(axis=1)
        together = nearest.min(axis=1) < 1.0
        apart_m = geodesic_m(
            rows.latitude_deg[mine],
            rows.longitude_deg[mine],
            rows.latitude_deg[his][partner],
            rows.longitude_deg[his][partner],
        )
        assert np.any(together)
        assert 1900.0 < apart_m[together].min() < apart_m[together].max() < 3100.0


def test_a_ghost_sends_from_its_roof_whatever_place_it_claims() -> None:
    made = scene(replace(SETTINGS, static=8, replayed=8, swarm=0, one_address=0, length_s=240), 12)
    rows = made.detections
    places = {site.sensor_id: (site.latitude_deg, site.longitude_deg) for site in made.sensors}

    def follows(aircraft: int) -> list[float]:
        """How the loudness goes with the claimed distance, at each receiver that hears enough of it."""
        found = []
        for sensor, place in places.items():
            mine = rows.take((made.owner == aircraft) & (rows.sensor == sensor) & ~np.isnan(rows.latitude_deg))
            if len(mine) < 30 or extent_m(mine) < 400.0:
                continue
            there = np.full(len(mine), place[0]), np.full(len(mine), place[1])
            away_m = np.hypot(geodesic_m(*there, mine.latitude_deg, mine.longitude_deg), mine.height_m)
            if np.ptp(np.log10(away_m)) > 0.15:
                found.append(float(np.corrcoef(np.log10(away_m), mine.rssi_dbm)[0, 1]))
        return found

    roofed = np.isin(made.spoof, (Spoof.STATIC, Spoof.REPLAYED))
    ghosts = [one for ghost in np.flatnonzero(roofed).tolist() for one in follows(ghost)]
    honest = [one for real in np.flatnonzero(made.kind == Kind.REAL).tolist() for one in follows(real)]
    assert min(len(ghosts), len(honest)) > 5
    assert np.mean(honest) < -0.4
    assert abs(np.mean(ghosts)) < 0.25


def test_finders_hear_no_ghost(made: Scene) -> None:
    heard = set(made.owner[made.detections.source == Source.RF].tolist())
    assert heard - {-1}
    assert not heard & set(np.flatnonzero(made.kind == Kind.GHOST).tolist())


def test_the_truth_has_where_ghosts_claim_to_be(made: Scene) -> None:
    ghosts = made.truth.kind == Kind.GHOST
    assert set(made.truth.aircraft[ghosts].tolist()) == set(np.flatnonzero(made.kind == Kind.GHOST).tolist())
    clones = made.spoof[made.truth.aircraft] == Spoof.RELAYED
    assert made.truth.airborne[ghosts & ~clones].all()
