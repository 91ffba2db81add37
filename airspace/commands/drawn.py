"""What a picture of tracks is drawn from: the lines of three kinds of file, as far as the picture needs them."""

from __future__ import annotations

import msgspec

Point = tuple[str, float, float, float | None]  # time, latitude, longitude, height


class Track(msgspec.Struct):
    """What is drawn of a track: a line of ``replay --tracks``."""

    track_id: str
    uas_id: str | None = None
    confirmed: bool = True
    suspect: bool = False
    path: list[Point] = []
    ellipse_major_m: float | None = None
    ellipse_minor_m: float | None = None
    ellipse_deg: float | None = None
    bearing_deg: float | None = None
    bearing_accuracy_deg: float | None = None
    bearing_latitude_deg: float | None = None
    bearing_longitude_deg: float | None = None
    operator_latitude_deg: float | None = None
    operator_longitude_deg: float | None = None


class Truth(msgspec.Struct):
    """Where an aircraft was: a line of ``simulate --truth``."""

    aircraft: int
    kind: str
    latitude_deg: float
    longitude_deg: float
    airborne: bool


class Detection(msgspec.Struct):
    """Where something was reported: a line of ``decode``."""

    latitude_deg: float | None = None
    longitude_deg: float | None = None


class Drawn(msgspec.Struct):
    """All that goes into one picture."""

    title: str
    tracks: list[Track]
    truth: list[Truth]
    detections: list[Detection]
