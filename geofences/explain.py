"""What holds at a point: every zone there and then, and the answer for an Open-category flight, with reasons."""

from __future__ import annotations

from typing import Any, Final

from airspace.model.lines import number
from airspace.model.units import rfc3339
from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import Datum
from geofences.catalogue import Catalogue, Hit
from geofences.geojson import limit_text
from geofences.notice_book import NO_NOTICE
from geofences.rules import rule_of
from geofences.rules.case import Case
from geofences.rules.height_120 import LIMIT_M
from geofences.vertical import readings

# worst first: the answer is the worst that any zone gives
_WORST: Final = (VerdictValue.VIOLATION, VerdictValue.NOT_DECIDABLE, VerdictValue.SUSPECTED)
_ANSWERS: Final = {
    VerdictValue.VIOLATION: "not_allowed",
    VerdictValue.NOT_DECIDABLE: "not_decidable",
    VerdictValue.SUSPECTED: "not_allowed",
}


def at_point(
    catalogue: Catalogue, latitude_deg: float, longitude_deg: float, height_m: float | None, datum: Datum, time_s: float
) -> dict[str, Any]:
    """JSON-ready. A height of unknown datum is read both ways; where the readings disagree, it is not decidable."""
    hits = catalogue.at(latitude_deg, longitude_deg, height_m, datum, time_s)
    heights = readings(height_m, datum, latitude_deg, longitude_deg)[Datum.AGL] if height_m is not None else ()
    return {
        "latitude_deg": latitude_deg,
        "longitude_deg": longitude_deg,
        "height_m": number(height_m, 1),
        "datum": datum.value,
        "height_agl_m": [number(each, 1) for each in heights],
        "time": rfc3339(time_s),
        "zones": [_zone(hit) for hit in hits],
        "open_category": _open_category(hits, heights),
        "versions": [{"source": source, "version": version} for source, version in catalogue.versions],
    }


def _zone(hit: Hit) -> dict[str, Any]:
    zone = hit.zone
    return {
        "zone_id": zone.zone_id,
        "name": zone.name,
        "kind": zone.kind.value,
        "restriction": zone.restriction.name.lower(),
        "predicate": zone.predicate.value,
        "group": zone.group,
        "group_name_nl": zone.group_name_nl,
        "group_name_en": zone.group_name_en,
        "lower": limit_text(hit.volume.lower_m, hit.volume.lower_datum, "GND"),
        "upper": limit_text(hit.volume.upper_m, hit.volume.upper_datum, "-"),
        "active": hit.active,
        "in_band": hit.in_band,
        "margin_m": number(hit.margin_m, 1),
        "message": zone.message,
        "version": zone.version,
        "overrides": list(zone.overrides),
    }


def _open_category(hits: tuple[Hit, ...], heights: tuple[float, ...]) -> dict[str, Any]:
    reasons = [reason for hit in hits if (reason := _reason(hit, heights)) is not None]
    reasons.extend(_height_reason(heights))
    values = {reason.pop("value") for reason in reasons}
    worst = next((value for value in _WORST if value in values), None)
    answer = _ANSWERS[worst] if worst else "allowed"
    return {"answer": answer, "reasons": reasons}


def _reason(hit: Hit, heights: tuple[float, ...]) -> dict[str, Any] | None:
    """What this zone says of an Open flight without a notice; None if nothing."""
    if not hit.active or hit.in_band is False:
        return None
    case = Case(zone=hit.zone, match=NO_NOTICE, agl_m=min(heights, default=float("nan")), sigma_m=0.0)
    rule = rule_of(hit.zone)
    finding = rule.judge(case)
    if finding.value in {VerdictValue.ALLOWED, VerdictValue.SITUATION}:
        return None
    open_band = hit.in_band is None and heights
    value = VerdictValue.NOT_DECIDABLE if open_band else finding.value
    reason = Reason.HEIGHT_UNKNOWN if open_band else finding.reason
    return {
        "value": value,
        "reason": reason.value,
        "rule": rule.name,
        "zone_id": hit.zone.zone_id,
        "group": hit.zone.group,
    }


def _height_reason(heights: tuple[float, ...]) -> list[dict[str, Any]]:
    above = {height > LIMIT_M for height in heights}
    if True not in above:
        return []
    agreed = len(above) == 1
    return [
        {
            "value": VerdictValue.VIOLATION if agreed else VerdictValue.NOT_DECIDABLE,
            "reason": (Reason.ABOVE_LIMIT if agreed else Reason.HEIGHT_UNKNOWN).value,
            "rule": "height_120",
            "zone_id": None,
            "group": "height-120",
        }
    ]
