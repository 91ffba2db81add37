"""How well tracks are kept apart and together: ``python -m bench.scored [--quick] [--seeds N] [--json FILE]``.

Scenes of the simulator (``settings_for``: one drone to two hundred, 0.5 to 10 a square kilometre, two minutes, several
receivers, transports and addresses, loss, repeats, late reports, wrong clocks) through the whole tracker, a tick a
second. A flight is split if its rows ended on more than one track, merged if its track holds rows of another; tracks
that were merged are one, a row without a track is of none. GOSPA (c = 50 m, p = 2) is between true places of drones in
the air that were heard in the last ten seconds and the last fixes of confirmed tracks, the mean over seconds after the
first ten.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers
from airspace.model.geodesy import metres_per_degree
from airspace.model.track import TrackEventKind, Tracks, TrackState
from airspace.simulation import Scene, scene, settings_for
from airspace.simulation.scoring import Purity, gospa, identity_switches, purity
from airspace.tracking.picture import Picture
from bench.report import Row, finish, options

SEEDS: Final = 100
QUICK_SEEDS: Final = 10
BATCH: Final = 256
CUT_OFF_M: Final = 50.0
HEARD_S: Final = 10.0
WARM_UP_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of one scene."""

    aircraft: int
    rows: int
    cpu_s: float
    purity: Purity
    switches: int
    gospa_m: float
    localisation_m: float  # root mean square of the paired


def main() -> None:
    """Run all seeds and print what they come to."""
    parser = options(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    arguments = parser.parse_args()
    seeds = QUICK_SEEDS if arguments.quick else arguments.seeds
    scores = [score(scene(settings_for(seed), seed)) for seed in range(0, SEEDS, max(1, SEEDS // seeds))]
    flights = sum(each.purity.flights for each in scores)
    split, merged = (sum(getattr(each.purity, name) for each in scores) for name in ("split", "merged"))
    known = {
        "flights": flights,
        "split_share": split / flights,
        "merged_share": merged / flights,
        "identity_switches": sum(each.switches for each in scores),
        "gospa_m": float(np.mean([each.gospa_m for each in scores])),
        "localisation_m": float(np.mean([each.localisation_m for each in scores])),
    }
    rows = sum(each.rows for each in scores)
    made = Row(
        case="simulated scenes, whole tracker",
        size=len(scores),
        batch=BATCH,
        rate_per_cpu_s=rows / sum(each.cpu_s for each in scores),
        accuracy=known,
    )
    print(f"{len(scores)} scenes, {flights} flights, {rows} rows: {known}")
    checks = {"flights split under 2 %": split < 0.02 * flights, "flights merged under 1 %": merged < 0.01 * flights}
    finish("scored", [made], checks, arguments.json)


def score(made: Scene) -> Score:
    """One scene through the tracker."""
    picture = Picture(places=places_of(made))
    track: list[Bits] = []
    into: dict[int, int | None] = {}
    places: list[tuple[float, Tracks]] = []
    start = time.process_time()
    for batch in made.batches(BATCH):
        changes = picture.step(batch)
        number = np.full(len(batch.detections), -1)
        heard = changes.detection >= 0
        number[changes.detection[heard]] = changes.rows.number[heard]
        track.append(number)
        into |= {e.track.number: e.into for e in changes.events if e.kind is TrackEventKind.MERGED}
        if changes.live is not None:
            places.append((changes.tick_s or 0.0, changes.live))
    cpu_s = time.process_time() - start
    numbers = _after_merges(np.concatenate(track), into)
    apart = [_gospa(made, tick_s, live) for tick_s, live in places]
    told = [each for each in apart if each is not None]
    return Score(
        aircraft=made.settings.aircraft,
        rows=len(made.detections),
        cpu_s=cpu_s,
        purity=purity(made.owner, numbers),
        switches=sum(identity_switches(made.owner, numbers).values()),
        gospa_m=float(np.mean([distance for distance, _ in told])),
        localisation_m=float(np.sqrt(np.mean([square for _, square in told]))),
    )


def places_of(made: Scene) -> dict[str, tuple[float, float]]:
    """Where the sensors of a scene stand."""
    return {
        sensor.sensor_id: (sensor.latitude_deg, sensor.longitude_deg)
        for sensor in made.sensors
        if sensor.latitude_deg is not None and sensor.longitude_deg is not None
    }


def _after_merges(numbers: Bits, into: dict[int, int | None]) -> Bits:
    """The track that each track came to be."""
    final = {}
    for number in np.unique(numbers).tolist():
        last = number
        while into.get(last) is not None:
            last = into[last] or 0
        final[number] = last
    return np.array([final[number] for number in numbers.tolist()], dtype=np.int64)


def _gospa(made: Scene, tick_s: float, live: Tracks) -> tuple[float, float] | None:
    """(GOSPA in metres, mean square of the paired) at a tick; None before the scene stands or without anybody."""
    if tick_s < made.settings.start_s + WARM_UP_S:
        return None
    truth = made.truth
    now = (truth.time_s == tick_s) & truth.airborne
    heard = np.unique(made.owner[(made.detections.logged_s <= tick_s) & (made.detections.logged_s > tick_s - HEARD_S)])
    now &= np.isin(truth.aircraft, heard)
    told = (live.state == TrackState.CONFIRMED) & live.airborne & ~np.isnan(live.latitude_deg)
    if not now.any() and not told.any():
        return None
    true_xy = _local(made, truth.latitude_deg[now], truth.longitude_deg[now])
    told_xy = _local(made, live.latitude_deg[told], live.longitude_deg[told])
    found = gospa(true_xy, told_xy, CUT_OFF_M, 2.0)
    paired = len(true_xy) - round(2.0 * found.missed / CUT_OFF_M**2)
    return found.distance, found.localisation / max(1, paired)


def _local(made: Scene, latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    north, east = metres_per_degree(np.array([made.settings.latitude_deg]))
    return np.column_stack(
        ((longitude_deg - made.settings.longitude_deg) * east, (latitude_deg - made.settings.latitude_deg) * north)
    )


if __name__ == "__main__":
    main()
