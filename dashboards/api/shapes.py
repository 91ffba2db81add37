"""What the API sends and takes, for its OpenAPI description.

Answers are encoded straight from the view's lines and are not validated again: a test holds that the lines of
``airspace.model.lines`` and these shapes have the same keys. Contracts: unknown is null, times RFC 3339 UTC.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field

NAME_LETTERS: Final = 64
NOTE_LETTERS: Final = 280


class Shape(BaseModel):
    """More keys may be added; those that are named keep their meaning."""

    model_config = ConfigDict(extra="allow")


class Pilot(Shape):
    """The operator's place; only kind ``live`` is where a person stands now."""

    latitude_deg: float | None
    longitude_deg: float | None
    kind: str = Field(description="live, takeoff, bearing or claimed")
    accuracy_m: float | None


class NoticeGap(Shape):
    """What kept the nearest notice from matching."""

    metres: float | None
    minutes: float | None = Field(description="positive: it starts later; negative: it has ended")
    identity: str | None = Field(description="missing or different")
    state: str | None


class Factor(Shape):
    """One part of a priority."""

    name: str
    points: int


class Alert(Shape):
    """The latest telling of an alert."""

    alert_id: str
    revision: int
    time: str
    state: str = Field(description="opened, updated, acknowledged, handed_over, escalated or closed")
    kind: str
    verdict: str = Field(description="violation, suspected, situation or not_decidable")
    reason: str
    sentence_nl: str
    sentence_en: str
    priority: int = Field(ge=0, le=100)
    priority_factors: list[Factor]
    track_id: str | None
    flight_id: str | None
    uas_id: str | None = Field(description="plain in mode enforcement, a pseudonym in mode statistics")
    group: str
    zone_id: str | None
    zone_name: str | None
    zone_version: str | None
    zone_role: str = Field(description="none, ring or bowl")
    rule: str
    rule_version: str
    notice_id: str | None
    notice_gap: NoticeGap | None
    latitude_deg: float | None
    longitude_deg: float | None
    height_agl_m: float | None
    height_sigma_m: float | None
    pilot: Pilot | None
    first_seen: str | None
    last_seen: str | None
    opened: str
    sensors: list[str]
    taken_by: str | None
    outcome: str | None
    evidence: dict[str, Any]


class Track(Shape):
    """One aircraft as it was last heard."""

    track_id: str
    flight_id: str | None
    state: str = Field(description="confirmed, coasting or ended")
    first_seen: str | None
    last_seen: str | None
    airborne: bool
    latitude_deg: float | None
    longitude_deg: float | None
    horizontal_accuracy_m: float | None
    altitude_wgs84_m: float | None
    height_m: float | None
    height_reference: str | None
    speed_m_s: float | None
    track_deg: float | None
    vertical_speed_m_s: float | None
    status: str | None
    ua_type: str | None
    eu_category: str | None
    eu_class: str | None
    source: str | None
    uas_id: str | None
    uas_id_type: str | None
    operator_id: str | None
    operator_latitude_deg: float | None
    operator_longitude_deg: float | None
    operator_location_type: str | None
    sensors: list[str]
    sightings: int
    fixes: int
    remarks: list[str]
    suspect: bool
    skew_s: float | None
    verdict: str | None = Field(default=None, description="the strongest verdict that stands, null if none")
    notice_id: str | None = Field(default=None, description="the notice that allows it, where one does")
    pilot: Pilot | None = None
    height_agl_m: float | None = None
    height_sigma_m: float | None = None


class Sensor(Shape):
    """A sensor and whether it is heard."""

    sensor_id: str
    name: str
    kind: str | None = Field(description="remote_id, direction_finder, adsb; null for a sensor nobody registered")
    latitude_deg: float | None
    longitude_deg: float | None
    range_m: float | None
    ok: bool
    last_seen: str | None
    silent_s: float | None


class Day(Shape):
    """The counts of the present day, by definition v1."""

    date: str
    flights: int
    unauthorised: int
    suspected: int
    detections: int


class Status(Shape):
    """The state line, the clock and the counts."""

    time: str
    mode: str = Field(description="statistics or enforcement")
    state: str = Field(description="clear, watch, drone_near, over_crowd or coverage_reduced")
    open_alerts: int
    authorised_now: int
    authorised_limit: int
    sensors_ok: int
    sensors: int
    data_age_s: float | None
    day: Day
    city: str
    centre: list[float]
    zoom: float


class Zones(Shape):
    """A GeoJSON FeatureCollection."""

    type: str
    features: list[dict[str, Any]]


class Notice(Shape):
    """A notice of now or the next day."""

    notice_id: str


class Ready(BaseModel):
    """Parts that are not ready, with what is wrong; empty when all are."""

    ready: bool
    parts: dict[str, str]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str | None = None


class Outcome(StrEnum):
    """How an alert ended."""

    WARNED = "warned"
    FINED = "fined"
    PERMIT_SHOWN = "permit_shown"
    NOT_FOUND = "not_found"
    FALSE_ALARM = "false_alarm"
    OWN_DRONE = "own_drone"
    OTHER = "other"


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person sends with an act on an alert. Longer texts are refused, not cut."""

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LETTERS, description="team or call sign")]
    note: Annotated[str, msgspec.Meta(max_length=NOTE_LETTERS)] | None = None
    outcome: Outcome | None = None
