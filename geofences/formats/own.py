"""Our own keys in ``extendedProperties``: what users' fences say directly, and what no exchange format can carry.

Both EUROCAE formats leave ``extendedProperties`` to the publisher. Beside each other, written by hand for fences:
airspaceGroup, groupNameNl, groupNameEn, kind, role, predicate, legalBasis. In one block, ``airspaceMonitor``, written
by our exports so that they read back as they were: the full identifier, temporary areas, exemptions, recorded
overrides, validity, and hours in local time or on dates (as in ``airspace.model.zone.Applicability``). A zone with the
block has been interpreted already and is not interpreted again. What others put beside these keys is passed over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import Applicability, DailyPeriod, Predicate, Restriction, SunEvent, Zone, ZoneKind, ZoneRole
from geofences.formats import hours
from geofences.formats.report import MAX_LONG_TEXT, MAX_TEXT, Report

BLOCK: Final = "airspaceMonitor"
_MAX_TEXTS: Final = 50
_DAYS_OF_WEEK: Final = 7


class Period(msgspec.Struct, rename="camel", omit_defaults=True):
    """A ``DailyPeriod``."""

    days: list[int]
    start: str
    end: str
    start_event: SunEvent | None = None
    end_event: SunEvent | None = None


class Rule(msgspec.Struct, rename="camel", omit_defaults=True):
    """An ``Applicability``; times are local to ``time_zone``, dates MM-DD of every year."""

    start_s: float | None = None
    end_s: float | None = None
    periods: list[Period] = []
    dates: list[str] = []
    time_zone: str = "UTC"


class Block(msgspec.Struct, rename="camel", omit_defaults=True):
    """What our exports add."""

    identifier: str | None = None
    temporary: bool = False
    exempts: list[str] = []
    overrides: list[str] = []
    applicability: list[Rule] | None = None
    valid_from_s: float | None = None
    valid_to_s: float | None = None
    uspace_class: str | None = None


class Own(msgspec.Struct, rename="camel", omit_defaults=True):
    """All of our keys."""

    airspace_group: str | None = None
    group_name_nl: str | None = None
    group_name_en: str | None = None
    kind: ZoneKind | None = None
    role: ZoneRole | None = None
    predicate: Predicate | None = None
    legal_basis: str | None = None
    airspace_monitor: Block | None = None


def read(properties: Any, report: Report) -> Own | None:
    """Our keys of a zone's extended properties; a wrong value in them refuses the file."""
    if not isinstance(properties, dict):
        return None
    try:
        return msgspec.convert(properties, Own)
    except (msgspec.ValidationError, RecursionError) as error:
        raise report.refusal(f"extendedProperties: {error}") from error


def applied(zone: Zone, own: Own | None, report: Report) -> Zone:
    """The zone as our keys have it."""
    if own is None:
        return zone
    zone = replace(
        zone,
        group=safe_text(own.airspace_group or "") or zone.group,
        group_name_nl=safe_text(own.group_name_nl or "", MAX_TEXT) or zone.group_name_nl,
        group_name_en=safe_text(own.group_name_en or "", MAX_TEXT) or zone.group_name_en,
        kind=own.kind or zone.kind,
        role=own.role or zone.role,
        predicate=own.predicate or zone.predicate,
        legal_basis=safe_text(own.legal_basis or "", MAX_TEXT) or zone.legal_basis,
    )
    return zone if own.airspace_monitor is None else _with_block(zone, own.airspace_monitor, report)


def _with_block(zone: Zone, block: Block, report: Report) -> Zone:
    try:
        in_force = None if block.applicability is None else tuple(_rule(each) for each in block.applicability)
    except (ValueError, KeyError, OSError) as error:
        raise report.refusal(f"extendedProperties: applicability: {safe_text(str(error), MAX_TEXT)}") from error
    return replace(
        zone,
        zone_id=safe_text(block.identifier or "", MAX_TEXT) or zone.zone_id,
        restriction=Restriction.TEMPORARY if block.temporary else zone.restriction,
        exempts=_texts(block.exempts),
        overrides=_texts(block.overrides),
        applicability=zone.applicability if in_force is None else in_force,
        valid_from_s=block.valid_from_s if block.valid_from_s is not None else zone.valid_from_s,
        valid_to_s=block.valid_to_s if block.valid_to_s is not None else zone.valid_to_s,
        uspace_class=safe_text(block.uspace_class or "", MAX_TEXT) or zone.uspace_class,
    )


def _texts(texts: list[str]) -> tuple[str, ...]:
    return tuple(clean for each in texts[:_MAX_TEXTS] if (clean := safe_text(each, MAX_LONG_TEXT)))


def _rule(rule: Rule) -> Applicability:
    ZoneInfo(rule.time_zone)  # an unknown one is refused here, not when the zone is asked
    if len(rule.periods) + len(rule.dates) > hours.MAX_ROWS:
        raise ValueError(f"more than {hours.MAX_ROWS} rows")
    return Applicability(
        start_s=rule.start_s,
        end_s=rule.end_s,
        periods=tuple(_period(each) for each in rule.periods),
        dates=tuple(date.fromisoformat(f"2000-{each}") for each in rule.dates),
        time_zone=rule.time_zone,
    )


def _period(period: Period) -> DailyPeriod:
    if not all(0 <= day < _DAYS_OF_WEEK for day in period.days):
        raise ValueError(f"days {period.days}: 0 is Monday, 6 is Sunday")
    start, end = time.fromisoformat(period.start), time.fromisoformat(period.end)
    if start.tzinfo or end.tzinfo:
        raise ValueError("an hour with an offset: they are local to timeZone")
    return DailyPeriod(
        days=frozenset(period.days), start=start, end=end, start_event=period.start_event, end_event=period.end_event
    )


def written(zone: Zone, *, identifier: bool, exact_hours: bool) -> dict[str, Any]:
    """Our keys for a zone; ``identifier`` and ``exact_hours`` where the format's own fields cannot hold them."""
    block = Block(
        identifier=zone.zone_id if identifier else None,
        temporary=zone.restriction is Restriction.TEMPORARY,
        exempts=list(zone.exempts),
        overrides=list(zone.overrides),
        applicability=[_written_rule(each) for each in zone.applicability] if exact_hours else None,
        valid_from_s=zone.valid_from_s if exact_hours else None,
        valid_to_s=zone.valid_to_s if exact_hours else None,
        uspace_class=zone.uspace_class,
    )
    own = Own(
        airspace_group=zone.group,
        group_name_nl=zone.group_name_nl,
        group_name_en=zone.group_name_en,
        kind=zone.kind,
        role=zone.role,
        predicate=zone.predicate,
        legal_basis=zone.legal_basis,
        airspace_monitor=block,
    )
    values: dict[str, Any] = msgspec.to_builtins(own)
    return values


def _written_rule(rule: Applicability) -> Rule:
    return Rule(
        start_s=rule.start_s,
        end_s=rule.end_s,
        periods=[
            Period(
                days=sorted(each.days),
                start=each.start.isoformat(),
                end=each.end.isoformat(),
                start_event=each.start_event,
                end_event=each.end_event,
            )
            for each in rule.periods
        ],
        dates=[f"{each:%m-%d}" for each in rule.dates],
        time_zone=rule.time_zone,
    )
