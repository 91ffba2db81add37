"""Stone Soup: its filter alone, and its whole tracker (GNN, M of N, deletion by silence).

Run by ``bench/track_peers.py`` in the interpreter that has it. Its detections are objects before the clock runs. M of N
is its MultiMeasurementInitiator with a deleter of ours for the N, for which it has no class.
"""
# mypy: disable-error-code="import-not-found, misc"
# (Stone Soup is in an environment of its own, and not in that of the checks)

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
from stonesoup.base import Property
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D
from stonesoup.deleter.base import Deleter
from stonesoup.deleter.time import UpdateTimeDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.hypothesiser.probability import PDAHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.detection import Detection
from stonesoup.types.hypothesis import SingleHypothesis
from stonesoup.types.state import GaussianState
from stonesoup.types.update import Update
from stonesoup.updater.kalman import KalmanUpdater

from bench.track_peer_loop import Order, first_variances, laps, serve
from bench.track_scenario import Numbers, load

_START: Final = datetime(2026, 5, 4, tzinfo=UTC)
_KD_TREE_M: Final = 300.0  # far beyond every gate of the scenes: the exact distance decides, as without the tree
_X_VX_Y_VY: Final = [0, 2, 1, 3]  # from x, y, vx, vy; and back


class Parts:
    """The models of an order, state (x, vx, y, vy)."""

    def __init__(self, order: Order) -> None:
        noise = np.eye(2) * order["sigma_m"] ** 2
        self.measurement = LinearGaussian(ndim_state=4, mapping=(0, 2), noise_covar=noise)
        motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(order["q_m2_s3"])] * 2)
        self.predictor = KalmanPredictor(motion)
        self.updater = KalmanUpdater(self.measurement)

    def detection(self, fix: Numbers, now: datetime) -> Any:
        """A fix as an object."""
        return Detection(fix[:, None], timestamp=now, measurement_model=self.measurement)


class MissedTooOften(Deleter):
    """A track on trial ends when it was missed more than so many times."""

    misses: int = Property(doc="how many are allowed")

    def check_for_deletion(self, track: Any, **_: Any) -> bool:
        """As Stone Soup asks."""
        return sum(1 for state in track if not isinstance(state, Update)) > self.misses


def filter_alone(order: Order) -> dict[str, Any]:
    """Predictor and updater, track by track."""
    parts = Parts(order)
    xy = load(Path(order["file"]))["xy"]
    variances = np.diag(first_variances(order)[_X_VX_Y_VY])
    states = [GaussianState([x, 0.0, y, 0.0], variances, timestamp=_START) for x, y in xy[0]]
    seconds = itertools.count(1)

    def turn(fixes: Numbers) -> int:
        now = _START + timedelta(seconds=next(seconds))
        for track, fix in enumerate(fixes):
            predicted = parts.predictor.predict(states[track], timestamp=now)
            states[track] = parts.updater.update(SingleHypothesis(predicted, parts.detection(fix, now)))
        return len(states)

    def means() -> Iterator[Numbers]:
        return (np.asarray(state.state_vector, dtype=float).ravel()[_X_VX_Y_VY] for state in states)

    return {**laps(order, xy, turn, means), "version": _version()}


def tracker(order: Order) -> dict[str, Any]:
    """MultiTargetTracker over all scans: CPU seconds of each; and (scan, number, x, y) of each sure track after it."""
    made = _tracker(order)
    spent, told = np.empty(order["scans"]), []
    numbers: dict[str, int] = {}
    for scan in range(order["scans"]):
        start = time.process_time()
        _, tracks = next(made)
        spent[scan] = time.process_time() - start
        for track in tracks:
            x, _, y, _ = np.asarray(track.state_vector, dtype=float).ravel()
            told.append((scan, numbers.setdefault(track.id, len(numbers)), x, y))
    np.savez(order["out"], spent=spent, told=np.array(told).reshape(-1, 4))
    return {"version": _version()}


def _tracker(order: Order) -> Iterator[tuple[datetime, set[Any]]]:
    parts = Parts(order)
    associator = _associator(order, parts)
    return iter(
        MultiTargetTracker(
            initiator=MultiMeasurementInitiator(
                prior_state=GaussianState(np.zeros(4), np.diag((first_variances(order) * [0, 0, 1, 1])[_X_VX_Y_VY])),
                measurement_model=parts.measurement,
                deleter=MissedTooOften(order["of_looks"] - order["hits_needed"]),
                data_associator=associator,
                updater=parts.updater,
                min_points=order["hits_needed"],
            ),
            deleter=UpdateTimeDeleter(time_since_update=timedelta(seconds=order["silent_s"])),
            detector=_detections(order, parts),
            data_associator=associator,
            updater=parts.updater,
        )
    )


def _associator(order: Order, parts: Parts) -> Any:
    """GNN over Mahalanobis distances, found by a tree or not; or over probabilities, which know Pd and clutter."""
    if order["associator"] == "likelihood":
        likelihood = PDAHypothesiser(
            parts.predictor,
            parts.updater,
            clutter_spatial_density=order["clutter_per_m2"],
            prob_detect=order["detection_probability"],
            prob_gate=order["gate_probability"],
        )
        return GNNWith2DAssignment(likelihood)
    gate_sigmas = float(np.sqrt(-2.0 * np.log1p(-order["gate_probability"])))
    distance = DistanceHypothesiser(parts.predictor, parts.updater, Mahalanobis(), missed_distance=gate_sigmas)
    if order["associator"] == "tree":
        return DetectionKDTreeGNN2D(distance, parts.predictor, parts.updater, max_distance=_KD_TREE_M)
    return GNNWith2DAssignment(distance)


def _detections(order: Order, parts: Parts) -> list[tuple[datetime, set[Any]]]:
    arrays = load(Path(order["file"]))
    times = [_START + timedelta(seconds=scan) for scan in range(order["scans"])]
    return [
        (now, {parts.detection(fix, now) for fix in arrays["xy"][arrays["scan"] == scan]})
        for scan, now in enumerate(times)
    ]


def _version() -> str:
    return f"stonesoup {metadata.version('stonesoup')}"


if __name__ == "__main__":
    serve({"filter": filter_alone, "tracker": tracker})
