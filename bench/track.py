"""Tracking beside filterpy and Stone Soup: ``python -m bench.track [--quick] [--json FILE] [--seeds N]``.

1. Detections with an id: the whole picture, and its filter alone, beside a filterpy object a track and Stone Soup's
   predictor and updater. 2. Detections without one: what the service runs (airspace/tracking/emitters.py)
   beside Stone Soup's tracker, GNN with and without a k-d tree, the same fixes (bench/track_scenario.py), gate, motion,
   M of N and deletion: rates in a city, GOSPA where chords cross. 3. The memory of 10,000 live tracks, in fresh
   processes. What each side leaves out is printed with the table.

Rates are per CPU second, one BLAS thread. Peers have processes of their own (bench/track_peers.py); one that is not
installed, or not done within ``BUDGET_S`` CPU seconds, is null. For a tracker the rate is that of the median scan once
the tracks stand, as the machine is shared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from airspace.tracking.unidentified.settings import Settings
from bench.report import Row, finish, options, rate
from bench.track_ours import ROOM, Filters, Told, identified, memory, picture_rate, unidentified
from bench.track_peers import ONE_THREAD, Answer, Peer
from bench.track_scenario import DETECTION_PROBABILITY, SIGMA_M, Scene, chords, city, paths
from bench.track_scores import WARM_UP, beside, means, scores
from bench.track_scores import rate as scan_rate

SIZES: Final = (10, 100, 1000, 10_000)
BATCHES: Final = (256, 1024, 4096)
COMPARED_S: Final = 3  # seconds after which the filters' states are compared
SCANS: Final = {10: 60, 100: 30, 1000: 12, 10_000: 12}  # of the city
QUICK_SCANS: Final = {10: 20, 100: 12, 1000: 12}
QUICK_PEERS_UP_TO: Final = 100  # tracks of Stone Soup's tracker
BUDGET_S: Final = 100.0
OURS_S: Final = 1.0  # of CPU that ours takes at least, before and after each peer
TAKES_LONG: Final = "not asked with --quick, for it takes long"
SILENT_S: Final = 5.0  # a track is given up when it was not heard for longer: where scans come once a second
LONG_SILENT_S: Final = 15.0  # where they need not
SCAN_S: Final = 1.0
HITS_NEEDED: Final = 3  # of ``OF_LOOKS`` scans; the service's own rule, two of three, is quicker and believes more
OF_LOOKS: Final = 5
LIVE: Final = 10_000
MEGABYTES: Final = 300.0

FILTER, KEYED, PICTURE = "id: filter alone", "id: id to track, filter, store", "id: the whole picture"
CITY, CHORDS = "no id: 1 a square kilometre", "no id: crossing chords"
FILTERPY, FILTERS = "filterpy", "Stone Soup filter"
GNN, TREE, LIKELIHOOD = "Stone Soup GNN2D", "Stone Soup KD-tree GNN2D", "Stone Soup GNN2D, PDA hypotheses"
KINDS: Final = {GNN: "", TREE: "tree", LIKELIHOOD: "likelihood"}
LEAVES_OUT: Final = {
    FILTER: "whose fix it is, and fetching that track",
    KEYED: "heights, flights, signs, events",
    PICTURE: "nothing: identity, filters, flight, signs, events; and once a second a tick with the table of all tracks",
    FILTERPY: "whose fix it is, steps other than one second, jumps, silence",
    FILTERS: "whose fix it is, jumps, silence",
    "no id": "nothing: rows of a radar into what the service runs, then its tick with the table of all; the rows are "
    "arrays of degrees when the clock starts",
    GNN: "the globe, late scans, frequencies, clutter's density, bearings, who is identified; its fixes are objects in "
    "metres when the clock starts",
    TREE: "the same",
    LIKELIHOOD: "the same, but knows the density of clutter and the Pd as ours does",
}


def main() -> None:
    """Run all cases and print them."""
    parser = options(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=None, help="crossing scenes: 50, or 2 with --quick")
    parser.add_argument("--memory", choices=("Picture", "Emitters"), help="only hold 10,000 tracks, say the cost")
    arguments = parser.parse_args()
    quick = arguments.quick
    if arguments.memory:
        print(json.dumps(memory(arguments.memory, LIVE, traced=not quick)))
        return
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # numpy has read it already
        os.execve(sys.executable, [sys.executable, "-m", "bench.track", *sys.argv[1:]], os.environ | ONE_THREAD)
    seeds = arguments.seeds or (2 if quick else 50)
    with Peer("bench.track_filterpy") as filterpy, Peer("bench.track_stonesoup") as stone_soup:
        bench = Bench(filterpy, stone_soup, quick=quick)
        rows = [row for size in SIZES for row in bench.with_id(size)]
        rows += [row for size in (QUICK_SCANS if quick else SCANS) for row in bench.city(size)]
        rows += bench.chords(seeds, SILENT_S, (GNN, TREE) if quick else tuple(KINDS))
        if not quick:
            rows += bench.chords(min(seeds, 20), LONG_SILENT_S, (GNN,))
    live = {what: _in_a_fresh_process(what, quick=quick) for what in ("Picture", "Emitters")}
    print(f"{LIVE:,} live tracks: {live}")
    for case, what in LEAVES_OUT.items():
        print(f"{case} leaves out: {what}")
    told = {"memory": live, "leaves_out": LEAVES_OUT, "peers_without_a_figure": bench.without}
    finish("track", rows, _aims(rows) | _fits(live), arguments.json, **told)


def _aims(rows: list[Row]) -> dict[str, bool]:
    """The design's table, for the peers that ran."""
    aims = {}
    for row in rows:
        if row.ratio is None:
            continue
        if (row.size, row.batch) == (1000, 256):
            least = 50 if row.peer == FILTERPY else 1000
            aims[f"{row.case}: {least} times {row.peer}, 1,000 tracks, batch 256"] = row.ratio >= least
        if row.size == 100 and row.peer in {GNN, TREE}:
            aims[f"{row.case}: 300 times {row.peer}, 100 tracks"] = row.ratio >= 300
        if row.case.startswith(CHORDS):
            within = row.accuracy["gospa_m"] <= 1.02 * row.accuracy["peer_gospa_m"]
            aims[f"{row.case}: GOSPA within 2 % of {row.peer}"] = within
    return aims


def _fits(live: dict[str, dict[str, float]]) -> dict[str, bool]:
    return {
        f"{what}: {LIVE:,} live tracks in {MEGABYTES:g} MB": max(cost.values()) < MEGABYTES
        for what, cost in live.items()
    }


def _in_a_fresh_process(what: str, *, quick: bool) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.track", "--memory", what, *(["--quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


class Bench:
    """The cases, and why a peer has no figure."""

    def __init__(self, filterpy: Peer, stone_soup: Peer, *, quick: bool) -> None:
        self._filters = {FILTERPY: filterpy, FILTERS: stone_soup}
        self._stone_soup = stone_soup
        self._quick = quick
        self._least_s, self._runs = (0.1, 1) if quick else (0.5, 3)
        self._failed: dict[str, str] = {}
        self.without: dict[str, str] = {}

    def with_id(self, size: int) -> list[Row]:
        """Every batch of one number of tracks."""
        lap = paths(1, size)
        after = Filters(lap, size, keyed=False)
        for _ in range(COMPARED_S):
            after.turn()
        extent = {"compared_s": COMPARED_S, "least_s": self._least_s, "runs": self._runs}
        answers = {
            name: Answer(reason=TAKES_LONG)
            if self._quick and name == FILTERS and size > 1000
            else peer.ask("filter", lap, budget_s=BUDGET_S, **_model(Settings()), **extent)
            for name, peer in self._filters.items()
        }
        apart = {
            name: {"states_differ_by_m": float(np.max(np.abs(answer.arrays["mean"] - after.mean())))}
            for name, answer in answers.items()
            if answer.arrays
        }
        rows = []
        for batch in sorted({min(batch, size) for batch in (*BATCHES, size)}):
            for case, keyed in ((FILTER, False), (KEYED, True)):
                ours = rate(Filters(lap, batch, keyed=keyed).turn, self._least_s, self._runs)
                rows += [
                    self._row(
                        case, size, batch, ours, name, answer, answer.report.get("rate_per_cpu_s"), apart.get(name)
                    )
                    for name, answer in answers.items()
                ]
        for batch in (256, 4096) if self._quick else BATCHES:
            ours = self._picture(size, batch)
            rows += [
                self._row(PICTURE, size, batch, ours, name, answer, answer.report.get("rate_per_cpu_s"))
                for name, answer in answers.items()
            ]
        return rows

    def _picture(self, size: int, batch: int) -> float:
        """The best of some runs, each of some seconds and batches, once all tracks are there and flights counted."""
        warm_up = 1 + 4 * size // batch
        least = max(size, batch, 5000) if self._quick else max(3 * size, 8 * batch, 40_000)
        log = identified(paths(1, size), batch, -(-(warm_up * batch + least) // size))
        return max(picture_rate(log, warm_up) for _ in range(self._runs))

    def city(self, size: int) -> list[Row]:
        """Rates, and GOSPA beside them; ours before and after each peer, as the machine is shared."""
        scene = city(1, size, (QUICK_SCANS if self._quick else SCANS)[size])
        settings = _rules(scene, LONG_SILENT_S)
        answers = {}
        told = self._tracked_by_us(scene, settings)
        for name in (GNN, TREE):
            if self._quick and size > QUICK_PEERS_UP_TO:
                answers[name] = Answer(reason=TAKES_LONG)
            elif name in self._failed:
                answers[name] = Answer(reason=f"not asked, for with fewer tracks: {self._failed[name]}")
            else:
                answers[name] = self._tracked(scene, settings, name, LONG_SILENT_S)
                if (reason := answers[name].reason) is not None:
                    self._failed[name] = reason
            told += self._tracked_by_us(scene, settings)
        ours = float(np.median([scan_rate(scene, one.spent_s) for one in told]))
        mine = scores(scene, told[0].told, WARM_UP)
        rows = []
        for name, answer in answers.items():
            theirs, known = None, means([mine])
            if answer.arrays:
                theirs = scan_rate(scene, answer.arrays["spent"])
                known = beside([mine], [scores(scene, answer.arrays["told"], WARM_UP)])
            rows.append(self._row(CITY, size, size, ours, name, answer, theirs, known))
        return rows

    def _tracked_by_us(self, scene: Scene, settings: Settings) -> list[Told]:
        """Some runs, and as many as take a while: what neighbours do to the machine lasts longer than a run of ours."""
        told: list[Told] = []
        while len(told) < self._runs or sum(one.spent_s.sum() for one in told) < OURS_S:
            told.append(unidentified(scene, settings))
        return told

    def chords(self, seeds: int, silent_s: float, peers: tuple[str, ...]) -> list[Row]:
        """GOSPA over many seeds."""
        ours: list[tuple[Scene, Told]] = []
        answers: dict[str, list[Answer]] = {name: [] for name in peers}
        for seed in range(seeds):
            scene = chords(seed)
            settings = _rules(scene, silent_s)
            ours.append((scene, unidentified(scene, settings)))
            for name in peers:
                answers[name].append(self._tracked(scene, settings, name, silent_s))
        case = f"{CHORDS}, silent {silent_s:g} s"
        return [self._chords_row(case, ours, name, answered) for name, answered in answers.items()]

    def _chords_row(self, case: str, ours: list[tuple[Scene, Told]], name: str, answers: list[Answer]) -> Row:
        mine = [scores(scene, told.told) for scene, told in ours]
        our_rate = float(np.median([scan_rate(scene, told.spent_s) for scene, told in ours]))
        theirs, known = None, means(mine)
        answer = next((one for one in answers if one.reason is not None), answers[0])
        if answer.arrays:
            pairs = [(scene, one.arrays) for (scene, _), one in zip(ours, answers, strict=True)]
            theirs = float(np.median([scan_rate(scene, arrays["spent"]) for scene, arrays in pairs]))
            known = beside(mine, [scores(scene, arrays["told"]) for scene, arrays in pairs])
        size = ours[0][0].truth_xy.shape[1]
        return self._row(case, size, size, our_rate, name, answer, theirs, {"seeds": len(ours), **known})

    def _tracked(self, scene: Scene, settings: Settings, name: str, silent_s: float) -> Answer:
        model = asdict(settings) | _model(settings) | {"silent_s": silent_s}
        return self._stone_soup.ask(
            "tracker", scene, associator=KINDS[name], scans=scene.scans, budget_s=BUDGET_S, **model
        )

    def _row(
        self,
        case: str,
        size: int,
        batch: int,
        ours: float,
        peer: str,
        answer: Answer,
        theirs: float | None,
        known: dict[str, Any] | None = None,
    ) -> Row:
        if answer.reason is not None:
            self.without[f"{peer}, {size} tracks"] = answer.reason
        return Row(
            case=case,
            size=size,
            batch=batch,
            rate_per_cpu_s=ours,
            peer=peer,
            peer_version=answer.report.get("version"),
            peer_rate_per_cpu_s=theirs,
            ratio=None if theirs is None else ours / theirs,
            accuracy=known or {},
        )


def _rules(scene: Scene, silent_s: float) -> Settings:
    """What ours is told; it ends an emitter after so long a silence, the peers after a longer one: the next scan."""
    return Settings(
        hits_needed=HITS_NEEDED,
        of_looks=OF_LOOKS,
        silent_s=silent_s + SCAN_S,
        detection_probability=DETECTION_PROBABILITY,
        clutter_per_m2=scene.clutter_per_m2,
        max_emitters=ROOM,
        max_waiting=ROOM,
    )


def _model(settings: Settings) -> dict[str, float]:
    """What every filter is told."""
    return {
        "q_m2_s3": settings.acceleration_noise_m2_s3,
        "first_speed_sigma_m_s": settings.first_speed_sigma_m_s,
        "sigma_m": SIGMA_M,
        "detection_probability": DETECTION_PROBABILITY,
    }


if __name__ == "__main__":
    main()
