"""A zone: volume, time, rule predicate, version. A superset of ED-318; facts and traps in geofences/formats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import IntEnum, StrEnum
from typing import Final


class Restriction(IntEnum):
    """What the source says of the zone, the stronger the larger (TGB > prohibited > ... > none)."""

    NO_RESTRICTION = 0
    CONDITIONAL = 1
    REQUIRES_AUTHORISATION = 2
    PROHIBITED = 3
    TEMPORARY = 4  # TGB, temporarily restricted area


class Predicate(StrEnum):
    """What is checked in a zone. The Dutch set says it only in free text: geofences/netherlands maps that."""

    OPEN_FORBIDDEN = "open_forbidden"  # no Open category; Specific with a notice
    OPEN_MAX_30_M = "open_max_30_m"  # A1, A2 up to 30 m above ground, no A3
    MILITARY_PERMISSION = "military_permission"
    FOURTH_OF_MAY = "fourth_of_may"  # all flights forbidden on 4 May, local time
    ALL_FORBIDDEN = "all_forbidden"
    AUTHORISATION = "authorisation"  # an approved notice is needed
    INDUSTRY = "industry"  # no Open category: hazardous industry, drinking water, prisons; coarse circles
    TEMPORARY = "temporary"  # TGB: forbidden to all that the notice or the area does not name
    USPACE = "uspace"  # designated U-space airspace
    ASSEMBLY = "assembly"  # an event's crowd: no Open category over it
    RESIDENTIAL = "residential"  # built-up land: A3 keeps 150 m away, and the volume holds these 150 m already
    NATURE = "nature"  # Natura 2000: told, never a ban
    UNKNOWN = "unknown"  # text that nobody has mapped: never decided
    NONE = "none"  # nothing to check


class Datum(StrEnum):
    """Above what a limit or a height is measured."""

    AGL = "agl"
    AMSL = "amsl"
    WGS84 = "wgs84"
    UNKNOWN = "unknown"


class SunEvent(StrEnum):
    """Instants of the day that ED-318 schedules name instead of an hour."""

    BMCT = "BMCT"  # beginning of morning civil twilight
    SR = "SR"  # sunrise
    SS = "SS"  # sunset
    EECT = "EECT"  # end of evening civil twilight


class Variant(StrEnum):
    """For everybody, or for the kind of flight that a zone was made for (ED-318)."""

    COMMON = "COMMON"
    CUSTOMIZED = "CUSTOMIZED"


class ZoneKind(StrEnum):
    """Law, or a fence somebody drew to be told."""

    LEGAL = "legal"
    ALERT_ONLY = "alert_only"


class ZoneRole(StrEnum):
    """What an alert-only fence stands for on an event's wall."""

    NONE = "none"
    RING = "ring"  # the approaches
    BOWL = "bowl"  # the crowd


ROLES: Final = (ZoneRole.NONE, ZoneRole.RING, ZoneRole.BOWL)
"""From the least to the most serious."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """All points at most ``radius_m`` of geodesic distance from the centre; the edge belongs to it."""

    latitude_deg: float
    longitude_deg: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """Rings of (longitude, latitude) in degrees, closed; the first is the outside, the others are holes.

    Edges are straight in longitude and latitude; points on an edge belong to it.
    """

    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A shape with a height band: lower limit inclusive, upper exclusive; None is open."""

    shape: Circle | Polygon
    lower_m: float | None
    lower_datum: Datum
    upper_m: float | None
    upper_datum: Datum


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPeriod:
    """Hours on some days of the week (0 = Monday); an ``end`` not after ``start`` is of the next day.

    A sun event stands instead of the hour beside it; where the sun does not make it that day, the period is void.
    """

    days: frozenset[int]
    start: time
    end: time
    start_event: SunEvent | None = None
    end_event: SunEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicability:
    """When a zone is in force: within [start_s, end_s), in the daily periods if there are any, on ``dates`` if any.

    ``time_zone`` is the IANA time zone that the periods and dates are written in.
    """

    start_s: float | None = None
    end_s: float | None = None
    periods: tuple[DailyPeriod, ...] = ()
    dates: tuple[date, ...] = ()  # year ignored: 4 May
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in one language (BCP 47 tag, "" where the source names none)."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Whom to ask for leave, or to tell (ED-269 and ED-318 zoneAuthority). Unknown is None."""

    purpose: str  # AUTHORIZATION, NOTIFICATION or INFORMATION
    name: tuple[Words, ...] = ()
    service: tuple[Words, ...] = ()
    contact: tuple[Words, ...] = ()
    site_url: str | None = None
    email: str | None = None
    phone: str | None = None
    interval_before: str | None = None  # ISO 8601 duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One zone of one version of one source. An empty ``applicability`` is always."""

    zone_id: str
    name: str
    country: str
    kind: ZoneKind
    restriction: Restriction
    predicate: Predicate
    group: str  # airspace group: one flight has one alert in a group, however many zones overlap
    group_name_nl: str  # as a sentence says it: "de CTR Schiphol"
    group_name_en: str  # "the Schiphol CTR"
    version: str  # of the source: first 12 hex digits of its SHA-256
    volumes: tuple[Volume, ...]
    applicability: tuple[Applicability, ...] = ()
    role: ZoneRole = ZoneRole.NONE
    message: str | None = None
    reasons: tuple[str, ...] = ()
    legal_basis: str | None = None
    overrides: tuple[str, ...] = ()  # what was changed from the source, and why
    valid_from_s: float | None = None  # of this version of the source; None is open
    valid_to_s: float | None = None  # exclusive
    variant: Variant = Variant.COMMON
    exempts: tuple[str, ...] = ()  # kinds of flight for which this zone lifts what others ask (model clubs)
    names: tuple[Words, ...] = ()  # as published, in every language
    messages: tuple[Words, ...] = ()
    authorities: tuple[Authority, ...] = ()
    restriction_conditions: str | None = None
    other_reason: str | None = None
    regulation_exemption: str | None = None  # YES, NO or OPTIONAL
    uspace_class: str | None = None
    region: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """Something in a zone or notice file that was mended, or that its owner should mend."""

    place: str  # zone id, or line
    what: str
