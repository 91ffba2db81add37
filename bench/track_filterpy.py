"""filterpy's KalmanFilter, an object a track, with the same model as ours. Run by ``bench/track_peers.py``.

Its matrices are made once, as every step is a second; ours makes them for every fix.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from filterpy.kalman import KalmanFilter

from bench.track_peer_loop import Order, first_variances, laps, serve
from bench.track_scenario import Numbers, load


def objects(order: Order) -> dict[str, Any]:
    """Predict and update, track by track."""
    xy = load(Path(order["file"]))["xy"]
    tracks = [_opened(order, first) for first in xy[0]]

    def turn(fixes: Numbers) -> int:
        for track, fix in zip(tracks, fixes, strict=True):
            track.predict()
            track.update(fix)
        return len(tracks)

    report = laps(order, xy, turn, lambda: [track.x for track in tracks])
    return {**report, "version": f"filterpy {metadata.version('filterpy')}"}


def _opened(order: Order, first: Numbers) -> Any:
    track = KalmanFilter(dim_x=4, dim_z=2)
    track.x = np.array([*first, 0.0, 0.0])
    track.P = np.diag(first_variances(order))
    track.H = np.eye(2, 4)
    track.R = np.eye(2) * order["sigma_m"] ** 2
    track.F = np.eye(4) + np.eye(4, k=2)
    track.Q = np.kron(order["q_m2_s3"] * np.array([[1 / 3, 1 / 2], [1 / 2, 1.0]]), np.eye(2))
    return track


if __name__ == "__main__":
    serve({"filter": objects})
