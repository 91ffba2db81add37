"""What RF sensors measure: directions, and places with their ellipses, of control links; missed ones and clutter too.

A link is heard from aircraft with and without Remote ID alike, and from no ghost. Finders and locators scan once a
second; their rows have no identity. They say where they stand, so that a file of theirs needs no registry.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows, Source, Transport, texts
from airspace.simulation.contents import CIRCLE_95, Columns
from airspace.simulation.fleet import Fleet, disc
from airspace.simulation.frame import Frame, on_wire
from airspace.simulation.messages import window
from airspace.simulation.paths import Paths
from airspace.simulation.radio import FADING_DB, chance_to_hear, received_dbm
from airspace.simulation.reception import times
from airspace.simulation.settings import Kind, Settings
from airspace.simulation.sites import Sites

CLUTTER: Final = -1  # whose a false measurement is
SENSITIVITY_DBM: Final = -100.0
SIGNAL_CLASS: Final = "control link"
_SCAN_AT_S: Final = 0.3
_STAGGER_S: Final = 0.15  # between the scans of two sensors
_REFERENCE_M: Final = 1000.0  # where a locator has its stated sigma
_NARROW: Final = 0.5  # the ellipse along the line of sight to its width across
_CONFIDENT: Final = (0.6, 0.99)
_CLUTTER_CONFIDENT: Final = (0.1, 0.7)
_CLUTTER_DBM: Final = (-105.0, -90.0)


def bearings(
    fleet: Fleet, paths: Paths, sites: Sites, settings: Settings, rng: np.random.Generator
) -> tuple[Columns, Rows]:
    """Rows of directions, in no order; and whose each is."""
    owner, site, at_s, east_m, north_m, rssi_dbm = _measured(fleet, paths, sites, settings, rng)
    true_deg = np.degrees(np.arctan2(east_m - sites.east_m[site], north_m - sites.north_m[site]))
    noise_deg = rng.normal(0.0, settings.bearing_sigma_deg, len(owner))
    clutter_deg = rng.uniform(0.0, 360.0, len(owner))
    bearing_deg = np.where(owner == CLUTTER, clutter_deg, true_deg + sites.bias_deg[site] + noise_deg)
    stated_deg = np.hypot(settings.bearing_sigma_deg, settings.bearing_bias_deg)
    rows = _common(fleet, sites, (owner, site, at_s, rssi_dbm), settings, rng)
    rows |= {
        "bearing_deg": np.round(np.mod(bearing_deg, 360.0), 2) % 360.0,
        "bearing_accuracy_deg": np.full(len(owner), round(float(stated_deg), 2)),
    }
    return rows, owner


def positions(
    fleet: Fleet, paths: Paths, sites: Sites, frame: Frame, settings: Settings, rng: np.random.Generator
) -> tuple[Columns, Rows]:
    """Rows of places with 95 % ellipses that lie across the line of sight, in no order; and whose each is."""
    owner, site, at_s, east_m, north_m, rssi_dbm = _measured(fleet, paths, sites, settings, rng)
    off_east_m, off_north_m = east_m - sites.east_m[site], north_m - sites.north_m[site]
    across_m = settings.position_sigma_m * np.maximum(1.0, np.hypot(off_east_m, off_north_m) / _REFERENCE_M)
    across_m = np.round(across_m * CIRCLE_95, 1) / CIRCLE_95
    along_m = np.round(across_m * _NARROW * CIRCLE_95, 1) / CIRCLE_95
    sight = np.arctan2(off_east_m, off_north_m)
    aside_m, ahead_m = rng.normal(0.0, 1.0, (2, len(owner))) * np.stack([across_m, along_m])
    aside_m, ahead_m = (np.where(owner == CLUTTER, 0.0, one) for one in (aside_m, ahead_m))
    latitude_deg, longitude_deg = frame.degrees(
        east_m + aside_m * np.cos(sight) + ahead_m * np.sin(sight),
        north_m - aside_m * np.sin(sight) + ahead_m * np.cos(sight),
    )
    rows = _common(fleet, sites, (owner, site, at_s, rssi_dbm), settings, rng)
    major_m = np.round(across_m * CIRCLE_95, 1)
    rows |= {
        "latitude_deg": on_wire(latitude_deg),
        "longitude_deg": on_wire(longitude_deg),
        "horizontal_accuracy_m": major_m,
        "ellipse_major_m": major_m,
        "ellipse_minor_m": np.round(along_m * CIRCLE_95, 1),
        "ellipse_deg": np.round(np.mod(np.degrees(sight) + 90.0, 180.0), 1) % 180.0,
    }
    return rows, owner


def _measured(
    fleet: Fleet, paths: Paths, sites: Sites, settings: Settings, rng: np.random.Generator
) -> tuple[Rows, Rows, Numbers, Numbers, Numbers, Numbers]:
    """Owner, sensor, time, true place (a false one's chance place) and level of all that is measured."""
    owner, site, second = (
        one.ravel()
        for one in np.meshgrid(
            np.flatnonzero(fleet.kind != Kind.GHOST),
            np.arange(len(sites)),
            np.arange(settings.length_s),
            indexing="ij",
        )
    )
    at_s = second + _SCAN_AT_S + _STAGGER_S * site
    east_m, north_m, height_m = paths.at(owner, at_s)
    distance_m = np.hypot(east_m - sites.east_m[site], north_m - sites.north_m[site])
    rssi_dbm = received_dbm(distance_m, height_m) + rng.normal(0.0, FADING_DB, len(owner))
    chance = chance_to_hear(rssi_dbm, SENSITIVITY_DBM) * (1.0 - settings.miss_share)
    on_s, off_s = window(fleet, paths)
    on = (at_s >= on_s[owner]) & (at_s < off_s[owner])
    found = np.flatnonzero(on & (rng.random(len(owner)) < chance))
    true = (owner, site, at_s, east_m, north_m, rssi_dbm)
    false = _clutter(sites, settings, rng)
    owners, where, when, east, north, level = (
        np.concatenate([values[found], others]) for values, others in zip(true, false, strict=True)
    )
    return owners, where, when, east, north, level


def _clutter(
    sites: Sites, settings: Settings, rng: np.random.Generator
) -> tuple[Rows, Rows, Numbers, Numbers, Numbers, Numbers]:
    """Poisson, evenly over the scene."""
    counts = rng.poisson(settings.clutter_per_scan, (len(sites), settings.length_s))
    site, second = (np.repeat(one.ravel(), counts.ravel()) for one in np.indices(counts.shape))
    east_m, north_m = disc(settings.radius_m, len(site), rng)
    at_s = second + _SCAN_AT_S + _STAGGER_S * site
    return np.full(len(site), CLUTTER), site, at_s, east_m, north_m, rng.uniform(*_CLUTTER_DBM, len(site))


def _common(
    fleet: Fleet,
    sites: Sites,
    measured: tuple[Rows, Rows, Numbers, Numbers],
    settings: Settings,
    rng: np.random.Generator,
) -> Columns:
    owner, site, at_s, rssi_dbm = measured
    n = len(owner)
    received_s, logged_s = times(at_s, sites.ahead_s[site], settings, rng)
    sure = np.where(owner == CLUTTER, rng.uniform(*_CLUTTER_CONFIDENT, n), rng.uniform(*_CONFIDENT, n))
    return {
        "received_s": received_s,
        "logged_s": logged_s,
        "source": np.full(n, int(Source.RF), dtype=np.int8),
        "transport": np.full(n, int(Transport.RF), dtype=np.int8),
        "sensor": texts(sites.names)[site],
        "sensor_latitude_deg": sites.latitude_deg[site],
        "sensor_longitude_deg": sites.longitude_deg[site],
        "rssi_dbm": np.round(rssi_dbm, 1),
        "frequency_hz": fleet.frequency_hz[owner],
        "bandwidth_hz": fleet.bandwidth_hz[owner],
        "confidence": np.round(sure, 2),
        "signal_class": texts([SIGNAL_CLASS] * n),
    }
