"""Simulated scenes through the whole picture: what must not depend on how they are cut, ordered or where they lie."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from airspace.model.detection import Detections, texts
from airspace.model.geodesy import metres_per_degree
from airspace.model.log import Batch
from airspace.model.track import Changes, Remark, TrackEventKind, Tracks, TrackState
from airspace.simulation import PRESETS, Kind, Scene, Settings, scene, settings_for
from airspace.tracking.picture import Picture
from bench.scored import places_of, score

SHORT: dict[str, Any] = {"length_s": 60}
MIXED = Settings(aircraft=4, silent=2, finders=2, locators=1, relayed=1, swarm=4, receivers=3, **SHORT)


def played(made: Scene, rows: int = 512) -> list[Changes]:
    picture = Picture(places=places_of(made))
    return [picture.step(batch) for batch in made.batches(rows)]


def last(changes: list[Changes]) -> Tracks:
    return next(each.live for each in reversed(changes) if each.live is not None)


def told(changes: list[Changes]) -> list[str]:
    rows = [repr(each.rows.row(row)) for each in changes for row in range(len(each.rows))]
    events = [repr(event) for each in changes for event in each.events]
    ticks = [repr(each.live.row(row)) for each in changes if each.live is not None for row in range(len(each.live))]
    return rows + events + ticks + [repr(joined) for each in changes for joined in each.joined]


@pytest.mark.parametrize("seed", [3, 4])
def test_any_batching_of_a_scene_gives_the_same_tracks(seed: int) -> None:
    """Twins, emitters, bearings, ghosts and addresses that change, to the byte."""
    made = scene(MIXED, seed)
    whole = told(played(made, 100_000))
    for rows in (1, 7, 64):
        assert told(played(made, rows)) == whole


def shape(live: Tracks) -> list[tuple[object, ...]]:
    """What is known of confirmed tracks, whatever they are called."""
    confirmed = np.flatnonzero(live.state == TrackState.CONFIRMED)
    return sorted(
        (
            str(live.uas_id[row]),
            bool(live.airborne[row]),
            int(live.fixes[row]),
            int(live.sightings[row]),
            int(live.remarks[row]),
        )
        for row in confirmed.tolist()
    )


def test_the_names_of_receivers_do_not_matter() -> None:
    """Every receiver takes another's name, place and all."""
    made = scene(Settings(aircraft=6, silent=2, finders=2, receivers=4, **SHORT), 11)
    names = [sensor.sensor_id for sensor in made.sensors]
    other = dict(zip(names, reversed(names), strict=True))
    rows = made.detections
    renamed = replace(
        made,
        detections=rows.replace(sensor=texts([other[name] for name in rows.sensor.tolist()])),
        sensors=tuple(replace(sensor, sensor_id=other[sensor.sensor_id]) for sensor in made.sensors),
    )
    assert shape(last(played(renamed))) == shape(last(played(made)))


@pytest.mark.parametrize("east_deg", [40.0, 175.06])
def test_where_a_scene_lies_does_not_matter(east_deg: float) -> None:
    """Along the parallel, and up to the antimeridian."""
    made = scene(Settings(aircraft=6, silent=2, finders=2, receivers=4, **SHORT), 11)
    rows = made.detections

    def moved(longitude_deg: Any) -> Any:
        return (np.asarray(longitude_deg) + east_deg + 180.0) % 360.0 - 180.0

    columns = {
        name: moved(getattr(rows, name)) for name in ("longitude_deg", "operator_longitude_deg", "sensor_longitude_deg")
    }
    elsewhere = replace(
        made,
        detections=rows.replace(**columns),
        sensors=tuple(replace(each, longitude_deg=float(moved(each.longitude_deg))) for each in made.sensors),
    )
    here, there = last(played(made)), last(played(elsewhere))
    assert [one[:4] for one in shape(there)] == [one[:4] for one in shape(here)]


@pytest.mark.parametrize("turn_deg", [37.0, 180.0])
def test_how_a_scene_is_turned_does_not_matter(turn_deg: float) -> None:
    """Everything round the middle of the scene: places, courses, bearings, sensors, ellipses."""
    made = scene(Settings(aircraft=6, silent=2, finders=2, locators=1, receivers=4, **SHORT), 11)
    rows, middle = made.detections, (made.settings.latitude_deg, made.settings.longitude_deg)
    north, east = (float(each[0]) for each in metres_per_degree(np.array([middle[0]])))

    def turned(latitude_deg: Any, longitude_deg: Any) -> tuple[Any, Any]:
        x, y = (np.asarray(longitude_deg) - middle[1]) * east, (np.asarray(latitude_deg) - middle[0]) * north
        sine, cosine = np.sin(np.radians(turn_deg)), np.cos(np.radians(turn_deg))
        return middle[0] + (y * cosine - x * sine) / north, middle[1] + (x * cosine + y * sine) / east

    columns: dict[str, Any] = {}
    for whose in ("", "operator_", "sensor_"):
        names = f"{whose}latitude_deg", f"{whose}longitude_deg"
        columns |= dict(zip(names, turned(*(getattr(rows, name) for name in names)), strict=True))
    columns |= {name: (getattr(rows, name) + turn_deg) % 360.0 for name in ("track_deg", "bearing_deg")}
    columns["ellipse_deg"] = (rows.ellipse_deg + turn_deg) % 180.0
    sensors = []
    for each in made.sensors:
        latitude_deg, longitude_deg = turned(each.latitude_deg, each.longitude_deg)
        sensors.append(replace(each, latitude_deg=float(latitude_deg), longitude_deg=float(longitude_deg)))
    other = replace(made, detections=rows.replace(**columns), sensors=tuple(sensors))
    here, there = last(played(made)), last(played(other))
    assert [one[:3] for one in shape(there)] == [one[:3] for one in shape(here)]


def test_drones_apart_do_not_touch_each_other() -> None:
    """Any interleaving of independent drones: each alone gives what it gives among the others."""
    made = scene(Settings(aircraft=5, receivers=3, late_share=0.0, **SHORT), 5)
    together = last(played(made))
    for drone in range(5):
        own = np.flatnonzero(made.owner == drone)
        alone = last(played(replace(made, detections=made.detections.take(own), owner=made.owner[own])))
        assert set(shape(alone)) <= set(shape(together))


def test_fifteen_ghosts_with_one_sequence_number_are_remarked_upon_and_the_real_ones_are_not() -> None:
    """Many serials, many addresses, one counter: as the swarm that was heard in the field."""
    made = scene(PRESETS["swarm"], 7)
    live = last(played(made))
    kind = {str(name): int(each) for name, each in zip(made.uas_id, made.kind, strict=True)}
    suspects = {name for name, suspect in zip(live.uas_id.tolist(), live.suspect.tolist(), strict=True) if suspect}
    assert suspects == {name for name, each in kind.items() if each == Kind.GHOST}
    assert len(suspects) == 15
    ghosts = np.array([kind.get(str(name)) == Kind.GHOST for name in live.uas_id.tolist()])
    assert all(remarks & Remark.SHARED_COUNTER for remarks in live.remarks[ghosts].tolist())
    assert set(live.remarks[~ghosts].tolist()) == {0}


def test_a_relayed_clone_is_a_second_track_and_both_are_in_doubt() -> None:
    made = scene(Settings(aircraft=3, relayed=1, receivers=4), 2)
    live = last(played(made))
    conflict = [
        name
        for name, remarks in zip(live.uas_id.tolist(), live.remarks.tolist(), strict=True)
        if remarks & Remark.IDENTITY_CONFLICT
    ]
    assert len(conflict) == 2
    assert len(set(conflict)) == 1


def test_silent_drones_are_found_and_named_ones_explain_their_own_radio() -> None:
    made = scene(replace(PRESETS["unidentified"], silent=2, aircraft=2), 1)
    changes = played(made)
    live = last(changes)
    nameless = [
        row
        for row in range(len(live))
        if not np.isnan(live.confidence[row]) and live.state[row] == TrackState.CONFIRMED
    ]
    assert len(nameless) >= 2
    joined = [one for each in changes for one in each.joined]
    named = {str(live.track_id[row]) for row in range(len(live)) if np.isnan(live.confidence[row])}
    assert {one.track_id for one in joined} & named, "some bearings are of drones that name themselves"
    assert TrackEventKind.FLIGHT_COUNTED in {event.kind for each in changes for event in each.events}


@pytest.mark.parametrize("seed", [2, 40, 71])
def test_flights_stay_whole(seed: int) -> None:
    """Three of the hundred scenes of ``bench.scored``, which has the bounds over all of them."""
    found = score(scene(settings_for(seed), seed)).purity
    assert found.flights >= 1
    assert found.split <= max(1, 0.03 * found.flights)
    assert found.merged == 0


def test_an_empty_batch_and_a_tick_alone_change_nothing() -> None:
    picture = Picture()
    changes = picture.step(Batch(detections=Detections.empty(), tick_s=1_780_000_000.0))
    assert (len(changes.rows), changes.events, changes.joined) == (0, (), ())
