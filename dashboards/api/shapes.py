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
    identity: str | None = Field(description="missing, different, or unreadable in the notice")
    state: str | None


class Factor(Shape):
    """One part of a priority."""

    name: str
    points: int


class Alert(Shape):
    """The latest telling of one episode of an alert."""

    alert_id: str
    revision: int
    time: str
    state: str = Field(
        description="of the last telling: opened, updated, acknowledged, handed_over, escalated or closed"
    )
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
    record_id: str = Field(description="alert_id and episode with a point between: the key of a record")
    episode: int = Field(ge=1, description="a drone that left and came back is the same alert in its next episode")
    condition: str = Field(description="there or gone, whatever people did")
    acknowledgement: str = Field(description="nobody, taken, handed_over or done, whatever the drone does")
    matter_nl: str = Field(description="what it is about; its end does not replace it")
    matter_en: str
    part_of: str | None = Field(description="alert_id of the flood it belongs to")
    count: int | None = Field(description="of a flood or swarm: the drones that it speaks for")
    taken_since: str | None
    handed_over_by: str | None
    handed_over_to: str | None
    closed_by: str | None
    closed: str | None = Field(description="since when there is nothing left to do")
    ended: str | None = Field(description="when the condition was gone")
    note: str | None


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
    ellipse_major_m: float | None = Field(description="semi-axes of the 95 % ellipse: of a drone without identity")
    ellipse_minor_m: float | None
    ellipse_deg: float | None = Field(description="of the major axis, clockwise from true north")
    bearing_deg: float | None = Field(description="of a drone that is known by its direction only")
    bearing_accuracy_deg: float | None = Field(description="one standard deviation")
    bearing_latitude_deg: float | None = Field(description="from where the direction was taken")
    bearing_longitude_deg: float | None
    confidence: float | None = Field(description="0 to 1, that there is something: of a drone without identity")
    phase: str = Field(description="heard, controller_on, flight_unknown, airborne or landed")
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


class Condition(Shape):
    """One condition of a rule; what the rule needs, or what would lift it."""

    name: str
    passed: bool | None = Field(description="null: it cannot be said")
    by: float | None = Field(description="positive: met by so much; negative: lacking")
    unit: str | None = Field(description="m, s or min")
    sigma: float | None = Field(description="one standard deviation of `by`")
    text_nl: str
    text_en: str


class RuleExplained(Shape):
    """One rule, in one zone or everywhere, and what it says of the flight."""

    rule: str
    rule_version: str
    article: str | None = Field(description="what it rests on; null: no law that is known")
    group: str
    group_name_nl: str
    group_name_en: str
    zone_id: str | None
    applies: bool = Field(description="place, height and hours are met, or what the rule measures is")
    verdict: str | None = Field(description="null: the rule does not speak")
    reason: str | None
    conditions: list[Condition]
    needs: dict[str, Any] = Field(description="fixes, seconds and margin before the rule speaks")
    evidence: dict[str, Any]


class Sign(Shape):
    """A sign that the signal may not be what it says."""

    name: str = Field(description="as among a track's remarks")
    family: str = Field(description="what of the signal it is about; two families must agree for a suspicion")
    score: float = Field(ge=0, le=1, description="how much it speaks against the signal by itself")
    threshold: str
    alone: bool = Field(description="suffices without a second family")
    text_nl: str
    text_en: str
    honest_nl: str = Field(description="what honest thing shows it too")
    honest_en: str


class Signs(Shape):
    """All signs of a signal, the strongest first, and what they come to."""

    score: float = Field(ge=0, le=1, description="how much all together speak against it: a judgement that ranks")
    strength: str | None = Field(description="weak or strong; null without a sign")
    suspect: bool
    sentence_nl: str
    sentence_en: str
    scale_nl: str = Field(description="what the score is and is not")
    scale_en: str
    shown: list[Sign]


class Silence(Shape):
    """Why the zone files have no answer."""

    reason: str = Field(
        description="no_zones, only_fences, place_not_covered, zones_over, zones_not_yet_valid or airspace_set_aside;"
        " in a status also flight_unknown: of a drone in a zone"
    )
    source: str | None = Field(description="the file, where one is at fault")
    text_nl: str
    text_en: str


class Explanation(Shape):
    """Why a drone is judged as it is; the strongest rule first."""

    track_id: str
    uas_id: str | None = Field(description="plain in mode enforcement, a pseudonym in mode statistics")
    time: str
    sentence_nl: str
    sentence_en: str
    height: dict[str, Any]
    signal: list[Condition]
    signs: Signs
    notice: dict[str, Any] | None = Field(description="the nearest notice and what was missing")
    rules: list[RuleExplained]
    cannot_say: list[Silence] = Field(description="why zones that do not speak are no leave; empty: they are")
    versions: list[dict[str, str]]


class Sensor(Shape):
    """A sensor, whether it is heard, and whether it hears."""

    sensor_id: str
    name: str
    kind: str | None = Field(description="remote_id, direction_finder, adsb; null for a sensor nobody registered")
    latitude_deg: float | None
    longitude_deg: float | None
    range_m: float | None
    ok: bool = Field(description="heard lately, and does not say itself that it is blind or not there")
    says: str | None = Field(
        default=None, description="why it does not hear, in its own words; null: it says no such thing"
    )
    last_seen: str | None
    silent_s: float | None


class Day(Shape):
    """The counts of the present day, by definition v1."""

    date: str
    flights: int
    unauthorised: int
    suspected: int
    detections: int


class Trouble(Shape):
    """A part of the service that is not well, in words."""

    part: str
    word: str = Field(description="as docs/runbook.md explains it")
    since: str
    what: str
    do: str


class Status(Shape):
    """The state line, the clock and the counts."""

    time: str
    mode: str = Field(description="statistics or enforcement")
    state: str = Field(
        description="clear, watch, drone_near, over_crowd, coverage_reduced or no_live_data; "
        "of live drones and what stands against them, whoever closed what"
    )
    seq: int = Field(description="grows with each tick that was told")
    troubles: list[Trouble] = Field(description="parts that are not well, the worst first; /readyz has them all")
    tick_age_s: float | None = Field(description="age of the last committed tick; null before the first")
    drones: int = Field(description="live ones in the air that are not known to be allowed there: behind the state")
    handled: int = Field(description="how many of these somebody has dealt with")
    waiting_outcome: int = Field(description="alerts in somebody's hands whose condition is gone")
    open_alerts: int = Field(description="without those of sensors and those folded into a flood")
    authorised_now: int
    authorised_limit: int
    sensors_ok: int
    sensors: int
    no_room: int = Field(
        description="detections of the last minute that found no room in the picture: sight is reduced"
    )
    cannot_say: list[Silence] = Field(description="why flights here cannot be judged; then the state is never clear")
    data_age_s: float | None
    day: Day
    city: str
    centre: list[float]
    zoom: float


class Zones(Shape):
    """A GeoJSON FeatureCollection."""

    type: str
    features: list[dict[str, Any]]
    cannot_say: list[Silence] = Field(description="why no zone in force is no answer here; empty: it is one")


class Notice(Shape):
    """A notice in short; whose it is stays out of it."""

    notice_id: str
    version: int | None = None
    state: str | None = Field(default=None, description="requested, approved, active, ended, cancelled or expired")
    callsign: str | None = None
    mission_type: str | None = None
    authority: str | None = None
    start: str | None = None
    end: str | None = None


class NoticeRevision(Shape):
    """One step in a notice's life."""

    version: int
    time: str
    by: str
    step: str = Field(description="create, import, revise, approve, activate, end, cancel or expire")
    state: str
    changed: dict[str, list[Any] | None] = Field(description="field -> [before, after]; null for a personal field")
    note: str | None


class NoticeDetails(Notice):
    """A notice whole: its document, volumes in the shape of F3548-21, and its history, oldest first."""

    notice: dict[str, Any]
    revisions: list[NoticeRevision]
    remarks: list[str] = Field(default=[], description="of a write: what was taken of what was sent, or is doubtful")


class Part(BaseModel):
    """How a part of the service does. ``word`` is the word of docs/runbook.md; null while it is well."""

    state: str = Field(description="ok, degraded or down")
    since: str
    word: str | None
    what: str
    do: str


class Ready(BaseModel):
    """Whether everything that must see, store and show works, and each part with its state."""

    ready: bool
    parts: dict[str, Part]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str | None = None


class AlertProblem(Problem):
    """Why a step on an alert is not possible: somebody else has it, or it is over."""

    taken_by: str | None = Field(default=None, description="who has the alert")
    since: str | None = None


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
    instead_of: (
        Annotated[
            str,
            msgspec.Meta(max_length=NAME_LETTERS, description="to take an alert over: its owner, who is told"),
        ]
        | None
    ) = None
    to: Annotated[str, msgspec.Meta(max_length=NAME_LETTERS, description="to hand over: whom it is for")] | None = None


_NOTICE_FIELDS: Final = (
    "id, state (requested or approved), uas_serials, volumes (F3548-21 Volume4D: outline_circle or outline_polygon,"
    " altitude_lower, altitude_upper, time_start, time_end), operator_registration, category, class, callsign,"
    " mission_type, authority, clearance_ref, conditions, exemptions (ids of zones and TGBs)"
)
By = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LETTERS, description="team or call sign")]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_LETTERS)]
Version = Annotated[int, msgspec.Meta(ge=1, description="the version that is changed; 409 if it is another by now")]
NoticeFields = Annotated[dict[str, Any], msgspec.Meta(description=_NOTICE_FIELDS)]


class NoticeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new notice. Without an id it gets one, without a state it is requested."""

    by: By
    notice: NoticeFields
    note: Note | None = None


class NoticeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a notice that change; id, state and source do not."""

    by: By
    version: Version
    notice: NoticeFields
    note: Note | None = None


class NoticeStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step in a notice's life."""

    by: By
    version: Version | None = None
    note: Note | None = None
