"""Drones that name themselves make no emitters: late messages, drones that stand by their pilot, clutter, scenes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from airspace.model.track import TrackEventKind, Tracks
from airspace.simulation import PRESETS, scene
from airspace.simulation.settings import Kind
from airspace.tracking.picture import Picture
from airspace.tracking.unidentified.confirmation import nameless, steady
from airspace.tracking.unidentified.settings import Settings
from bench.scored import places_of
from tests.tracking.finders import ARENA, START_S, WEST, Place, Sky, bearing, identified, off, position

NEAR_FINDER = off(WEST, 0, 300)
SPEED_M_S = 20.0


def standing_by(pilot: Place, first_seen_s: float, now_s: float) -> Tracks:
    """A drone that says its pilot's place and none of its own."""
    said = {"operator_latitude_deg": pilot[0], "operator_longitude_deg": pilot[1], "last_seen_s": START_S + now_s}
    unknown = {"latitude_deg": np.nan, "longitude_deg": np.nan, "fix_time_s": np.nan}
    return identified((7, pilot, first_seen_s), **said, **unknown)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_place_is_of_the_message_s_own_time_or_of_its_receipt(share: float) -> None:
    """Sent late (0), with a clock that is behind (1), or some of both: 16 m, three degrees of a finder 300 m away."""
    lag_s = 0.8
    sky = Sky()
    tracks = identified((7, NEAR_FINDER, -lag_s), skew_s=lag_s, speed_m_s=SPEED_M_S, track_deg=90.0)
    truly = off(NEAR_FINDER, 90, SPEED_M_S * lag_s * (1.0 - share))
    sky.hear(bearing("df-west", truly, 0.0, bearing_accuracy_deg=0.5))
    assert sky.tick(tracks).explained.tolist() == [7]


def test_beyond_what_the_message_was_late_it_is_somebody_else() -> None:
    sky = Sky()
    tracks = identified((7, NEAR_FINDER, -0.8), skew_s=0.8, speed_m_s=SPEED_M_S, track_deg=90.0)
    sky.hear(bearing("df-west", off(NEAR_FINDER, 90, 60), 0.0, bearing_accuracy_deg=0.5))
    assert sky.tick(tracks).explained.tolist() == [-1]


@pytest.mark.parametrize(("away_m", "explained"), [(20, 7), (250, 7), (400, 7), (700, -1)])
def test_a_drone_without_a_place_is_in_sight_of_its_pilot(away_m: float, explained: int) -> None:
    sky = Sky()
    sky.hear(position("rf-1", off(ARENA, 40, away_m), 0.0, accuracy_m=10.0, source=3))
    assert sky.tick(standing_by(ARENA, 0.0, 0.0)).explained.tolist() == [explained]


@pytest.mark.parametrize(("heard_s", "merges"), [(4, 1), (30, 0)])
def test_what_was_heard_just_before_a_drone_stood_by_there_is_that_drone(heard_s: int, merges: int) -> None:
    """One that was there long before is not: it was switched on without a name."""
    sky = Sky()
    for _ in range(heard_s):
        sky.hear(position("rf-1", off(ARENA, 40, 120), sky.second, accuracy_m=20.0, source=3))
        sky.tick()
    since_s = float(sky.second)
    merged: list[tuple[int, int]] = []
    for _ in range(4):
        merged += sky.tick(standing_by(ARENA, since_s, sky.second)).merged
    assert merged == [(1, 7)] * merges


@pytest.mark.parametrize(
    ("history", "doubt", "age_s", "alike", "answer"),
    [
        (0b11, 0.25, 2.0, -1, 1),
        (0b101, 0.25, 2.0, -1, 1),
        (0b100, 0.25, 2.0, -1, 0),  # one detection
        (0b110, 0.25, 2.0, -1, 0),  # not now
        (0b111, 0.26, 9.0, -1, 0),  # the sensors themselves doubt it
        (0b111, 0.01, 1.9, -1, 0),  # a drone that names itself may not have done so yet
        (0b111, 0.01, 9.0, 7, 0),  # it agrees with a drone that did
        (0b111, 0.01, 9.0, -5, 1),  # agrees with another emitter
    ],
)
def test_what_is_believed(history: int, doubt: float, age_s: float, alike: int, answer: int) -> None:
    rules = Settings()
    assert bool(steady(rules, history, doubt) and nameless(rules, age_s, alike)) == answer
    some = steady(rules, np.array([history] * 2), np.array([doubt] * 2))
    assert (some & nameless(rules, np.array([age_s] * 2), np.array([alike] * 2))).tolist() == [answer] * 2


@pytest.mark.parametrize(("confidence", "after"), [(0.8, 2), (np.nan, 2), (0.4, 3), (0.3, 4), (0.2, 7)])
def test_an_unsure_sensor_must_say_it_more_often(confidence: float, after: int) -> None:
    sky, place = Sky(), off(ARENA, 20, 1_200)
    confirmed = [sky.go(1, ("df-west", place), confidence=confidence).confirmed for _ in range(8)]
    assert 1 + confirmed.index((1,)) == after


@pytest.mark.parametrize("seed", [1, 2])
def test_no_confirmed_emitter_of_a_scene_is_a_drone_that_names_itself(seed: int) -> None:
    made = scene(replace(PRESETS["unidentified"], length_s=70), seed)
    picture = Picture(places=places_of(made))
    whose = dict(zip(made.detections.content_id.tolist(), made.owner.tolist(), strict=True))
    rows_of: dict[str, list[int]] = {}
    confirmed = set()
    for batch in made.batches(256):
        changes = picture.step(batch)
        for one in changes.joined:
            rows_of.setdefault(one.track_id, []).append(whose[one.content_id])
        confirmed |= {
            event.track.track_id
            for event in changes.events
            if event.kind is TrackEventKind.CONFIRMED and not np.isnan(event.track.confidence)
        }
    of = [max(set(rows_of[one]), key=rows_of[one].count) for one in sorted(confirmed)]
    silent = set(np.flatnonzero(made.kind == Kind.SILENT).tolist())
    assert set(of) == silent
