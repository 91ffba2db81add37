"""A scene: what sensors would report of made-up flights, in the order of a log, and the truth beside it.

Pure: the same settings and seed are the same scene, byte for byte. Each part draws from a generator of its own, so that
one more sensor changes no flight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np

from airspace.model.detection import COLUMNS, Codes, Detections, Numbers, Rows, Texts, texts
from airspace.model.log import Batch
from airspace.model.sensor import Sensor
from airspace.model.track import Booleans
from airspace.simulation import reception, rf, sites
from airspace.simulation.contents import Columns, contents
from airspace.simulation.fleet import Fleet, muster
from airspace.simulation.frame import Frame
from airspace.simulation.messages import send, window
from airspace.simulation.paths import Paths, fly
from airspace.simulation.settings import Settings

_FLEET, _PATHS, _SITES, _AIR, _RECEPTION, _BEARINGS, _POSITIONS = range(7)  # generators
_ID_BYTES: Final = 8  # half of a content id


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Where everybody was, once a second while switched on: one array a column, by time, then aircraft.

    Of a ghost it is the place that it claims. Ghosts are in the air all the time, a clone while its original is.
    """

    aircraft: Rows  # index
    time_s: Numbers
    latitude_deg: Numbers
    longitude_deg: Numbers
    height_m: Numbers  # above the ground
    speed_m_s: Numbers
    airborne: Booleans
    kind: Codes  # Kind

    def __len__(self) -> int:
        return len(self.aircraft)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Detections with the truth about each."""

    settings: Settings
    seed: int
    detections: Detections  # ``logged_s`` never decreases
    owner: Rows  # the true aircraft of each row; -1 for clutter
    truth: Truth
    sensors: tuple[Sensor, ...]
    kind: Codes  # Kind, of each aircraft
    spoof: Codes  # Spoof, of each aircraft
    uas_id: Texts  # str | None, of each aircraft

    def batches(self, rows: int) -> Iterator[Batch]:
        """The log in batches of so many rows at most, a tick each whole second after the rows of before it."""
        logged_s = self.detections.logged_s
        last_s = max(self.settings.start_s + self.settings.length_s, float(np.ceil(logged_s.max(initial=0.0))))
        ticks_s = np.arange(self.settings.start_s + 1.0, last_s + 1.0)
        start = 0
        for tick_s, end in zip(ticks_s.tolist(), np.searchsorted(logged_s, ticks_s).tolist(), strict=True):
            while end - start > rows:
                yield Batch(detections=self.detections.take(slice(start, start + rows)))
                start += rows
            yield Batch(detections=self.detections.take(slice(start, end)), tick_s=tick_s)
            start = end
        if start < len(self.detections):
            yield Batch(detections=self.detections.take(slice(start, None)))


def scene(settings: Settings, seed: int) -> Scene:
    """Make one."""
    rngs = [np.random.default_rng([seed, part]) for part in range(_POSITIONS + 1)]
    frame = Frame.at(settings.latitude_deg, settings.longitude_deg)
    fleet = muster(settings, rngs[_FLEET])
    paths = fly(fleet, settings, rngs[_PATHS])
    receivers = sites.receivers(settings, frame, rngs[_SITES])
    finders = sites.finders(settings, frame, rngs[_BEARINGS])
    locators = sites.locators(settings, frame, rngs[_POSITIONS])
    messages = send(fleet, paths, settings, rngs[_AIR])
    said = contents(messages, fleet, paths, frame, settings, rngs[_AIR])
    parts = [
        reception.receive(messages, said, fleet, receivers, settings, rngs[_RECEPTION]),
        rf.bearings(fleet, paths, finders, settings, rngs[_BEARINGS]),
        rf.positions(fleet, paths, locators, frame, settings, rngs[_POSITIONS]),
    ]
    detections, owner = _logged(parts, seed)
    return Scene(
        settings=settings,
        seed=seed,
        detections=detections,
        owner=owner,
        truth=_truth(fleet, paths, frame, settings),
        sensors=(*receivers.registry(), *finders.registry(), *locators.registry()),
        kind=fleet.kind,
        spoof=fleet.spoof,
        uas_id=fleet.uas_id,
    )


def _logged(parts: list[tuple[Columns, Rows]], seed: int) -> tuple[Detections, Rows]:
    """All rows in the order in which they came, each with an id of its own."""
    found = Detections.concat([Detections.build(len(owner), **columns) for columns, owner in parts])
    order = np.argsort(found.logged_s, kind="stable")
    head = blake2b(b"%d" % seed, digest_size=_ID_BYTES).digest()
    ids = texts([head + number.to_bytes(_ID_BYTES, "big") for number in range(len(found))])
    columns = {name: getattr(found, name)[order] for name in COLUMNS} | {"content_id": ids}
    return Detections(**columns), np.concatenate([owner for _, owner in parts])[order]


def _truth(fleet: Fleet, paths: Paths, frame: Frame, settings: Settings) -> Truth:
    second, aircraft = (one.ravel() for one in np.indices((settings.length_s + 1, len(fleet))))
    on_s, off_s = window(fleet, paths)
    chosen = (second >= on_s[aircraft]) & (second < off_s[aircraft])
    aircraft, at_s = aircraft[chosen], second[chosen].astype(np.float64)
    east_m, north_m, height_m = paths.at(aircraft, at_s)
    east_m_s, north_m_s, _ = paths.velocity(aircraft, at_s)
    latitude_deg, longitude_deg = frame.degrees(east_m, north_m)
    return Truth(
        aircraft=aircraft,
        time_s=settings.start_s + at_s,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        height_m=height_m,
        speed_m_s=np.hypot(east_m_s, north_m_s),
        airborne=paths.flies(aircraft, at_s),
        kind=fleet.kind[aircraft],
    )
