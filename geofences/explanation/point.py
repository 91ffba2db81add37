"""What holds at a place and time: every zone there with its conditions, and the answer for an Open-category flight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from airspace.model.lines import number
from airspace.model.units import rfc3339
from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import Datum
from geofences.catalogue import Catalogue, Hit
from geofences.explanation import conditions as why
from geofences.heights.vertical import candidates
from geofences.rules import rule_of
from geofences.rules.case import Case
from geofences.rules.height_120 import GROUP, LIMIT_M, RULE

# worst first: the answer is the worst that any zone gives
_WORST: Final = (VerdictValue.VIOLATION, VerdictValue.NOT_DECIDABLE, VerdictValue.SUSPECTED)
_ANSWERS: Final = {
    VerdictValue.VIOLATION: "not_allowed",
    VerdictValue.NOT_DECIDABLE: "not_decidable",
    VerdictValue.SUSPECTED: "not_allowed",
}
Found = Sequence[dict[Datum, float]]


def at_point(
    catalogue: Catalogue, latitude_deg: float, longitude_deg: float, height_m: float | None, datum: Datum, time_s: float
) -> dict[str, Any]:
    """JSON-ready. A height of unknown datum is read both ways; where the readings disagree, it is not decidable."""
    hits = catalogue.at(latitude_deg, longitude_deg, height_m, datum, time_s)
    found = candidates(height_m, datum, latitude_deg, longitude_deg)
    return {
        "latitude_deg": latitude_deg,
        "longitude_deg": longitude_deg,
        "height_m": number(height_m, 1),
        "datum": datum.value,
        "height_agl_m": [number(each, 1) for each in _agl(found)],
        "time": rfc3339(time_s),
        "zones": [_zone(hit, found, time_s, catalogue) for hit in hits],
        "open_category": _open_category(hits, found),
        "versions": why.versions_of(catalogue),
    }


def _agl(found: Found) -> list[float]:
    return [one[Datum.AGL] for one in found if not math.isnan(one[Datum.AGL])]


def _zone(hit: Hit, found: Found, time_s: float, catalogue: Catalogue) -> dict[str, Any]:
    zone, rule = hit.zone, rule_of(hit.zone)
    return {
        "zone_id": zone.zone_id,
        "name": zone.name,
        "kind": zone.kind.value,
        "restriction": zone.restriction.name.lower(),
        "predicate": zone.predicate.value,
        "group": zone.group,
        "group_name_nl": zone.group_name_nl,
        "group_name_en": zone.group_name_en,
        "rule": rule.name,
        "rule_version": rule.version,
        "article": rule.article or None,
        "lower": why.limit_text(hit.volume.lower_m, hit.volume.lower_datum, ground=True),
        "upper": why.limit_text(hit.volume.upper_m, hit.volume.upper_datum, ground=False),
        "active": hit.active,
        "in_band": hit.in_band,
        "margin_m": number(hit.margin_m, 1),
        "conditions": [why.of_place(hit.margin_m), *why.of_band(hit.volume, found), why.of_hours(zone, time_s)],
        "needs": why.needs(rule),
        "message": zone.message,
        "version": zone.version,
        "source": {version: source for source, version in catalogue.versions}.get(zone.version),
        "overrides": list(zone.overrides),
    }


def _open_category(hits: tuple[Hit, ...], found: Found) -> dict[str, Any]:
    reasons = [reason for hit in hits if (reason := _reason(hit, found)) is not None]
    reasons.extend(_height_reason(_agl(found)))
    values = {reason.pop("value") for reason in reasons}
    worst = next((value for value in _WORST if value in values), None)
    answer = _ANSWERS[worst] if worst else "allowed"
    return {"answer": answer, "reasons": reasons}


def _reason(hit: Hit, found: Found) -> dict[str, Any] | None:
    """What this zone says of an Open flight without a notice; None if nothing."""
    if not hit.active or hit.in_band is False:
        return None
    rule = rule_of(hit.zone)
    finding = rule.judge(Case(zone=hit.zone, agl_m=min(_agl(found), default=math.nan), sigma_m=0.0))
    if finding.value in {VerdictValue.ALLOWED, VerdictValue.SITUATION}:
        return None
    # a height that nobody asked for is in a zone that starts at the ground, as it is for the judge
    open_band = hit.in_band is None and (bool(found) or (hit.volume.lower_m or 0.0) > 0)
    value = VerdictValue.NOT_DECIDABLE if open_band else finding.value
    reason = Reason.HEIGHT_UNKNOWN if open_band else finding.reason
    return {
        "value": value,
        "reason": reason.value,
        "rule": rule.name,
        "zone_id": hit.zone.zone_id,
        "group": hit.zone.group,
    }


def _height_reason(heights: Sequence[float]) -> list[dict[str, Any]]:
    above = {height > LIMIT_M for height in heights}
    if True not in above:
        return []
    agreed = len(above) == 1
    return [
        {
            "value": VerdictValue.VIOLATION if agreed else VerdictValue.NOT_DECIDABLE,
            "reason": (Reason.ABOVE_LIMIT if agreed else Reason.HEIGHT_UNKNOWN).value,
            "rule": RULE,
            "zone_id": None,
            "group": GROUP,
            "by_m": number(min(abs(height - LIMIT_M) for height in heights), 1),
        }
    ]
