"""What an export is: a document ready for JSON, and all that it could not say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from airspace.model.zone import Oddity, Zone
from geofences.formats.report import MAX_TEXT, Report

_LETTERS_OF_COUNTRY: Final = 3
_NO_COUNTRY: Final = "XXA"  # ISO 3166 leaves it to users


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """``oddities`` name what another reader loses or finds widened, zone by zone; our own keys may still carry it."""

    document: dict[str, Any]
    oddities: tuple[Oddity, ...]


def present(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def fitting(text: str | None, name: str, report: Report, cap: int = MAX_TEXT) -> str | None:
    """A text within the format's length; what is cut is noted."""
    if text is not None and len(text) > cap:
        report.note(f"{name} has more than the {cap} characters of the format: cut")
        return text[:cap].rstrip()
    return text


def reasons(zone: Zone, known: Collection[str], report: Report) -> list[str]:
    """The reasons in the format's words; another word becomes OTHER."""
    strange = [each for each in zone.reasons if each not in known]
    if strange:
        report.note(f"reason {', '.join(strange)} is not of this format: written as OTHER")
    return list(dict.fromkeys(each if each in known else "OTHER" for each in zone.reasons))


def country(zone: Zone, report: Report) -> str:
    """The three letters of the state; anything else becomes nobody's."""
    if len(zone.country) == _LETTERS_OF_COUNTRY:
        return zone.country
    report.note(f"country {zone.country!r} has not three letters: written as {_NO_COUNTRY}")
    return _NO_COUNTRY


def told_name(zone: Zone) -> str | None:
    """The name, unless it is the identifier that stands for want of one."""
    return zone.name if zone.names or zone.name != zone.zone_id else None


def collected(reports: Sequence[Report]) -> tuple[Oddity, ...]:
    """The oddities of all zones, each once."""
    return tuple(dict.fromkeys(oddity for report in reports for oddity in report.oddities))
