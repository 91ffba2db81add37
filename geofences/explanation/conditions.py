"""The conditions behind a rule, JSON-ready: name, ``passed`` (null: cannot be said), by how much, and a few words.

``by`` is positive where the condition is met: metres inside the edge, metres above the floor, minutes until the hours
end. Negative is what is lacking. ``sigma`` is one standard deviation of it, where it is a measurement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from airspace.model.lines import number
from airspace.model.sign_words import sign_words
from airspace.model.track import TrackRow, TrackState, flight_unknown
from airspace.model.units import rfc3339
from airspace.model.zone import Datum, Volume, Zone
from geofences.catalogue import Catalogue, in_band
from geofences.heights.vertical import Heights, HeightSource
from geofences.judging.weighing import MOST_SKEW_S, skewed
from geofences.notices.book import Doubt, NoticeMatch
from geofences.rules.rule import Rule
from geofences.schedules.schedule import active, next_change_s

Condition = dict[str, Any]
Passed = bool | None  # None: cannot be said
_DOUBTS: Final = {
    Doubt.NOT_CONNECTED: (" bekend: er is geen lijst van meldingen", " known: no list of notices is connected"),
    Doubt.UNREADABLE: (
        " bekend: de lijst van meldingen is niet te lezen",
        " known: the list of notices cannot be read",
    ),
    Doubt.OVER: (" bekend: de lijst van meldingen is verouderd", " known: the list of notices is out of date"),
}
_DATUM_WORDS: Final = {Datum.AGL: "AGL", Datum.AMSL: "AMSL", Datum.WGS84: "WGS84", Datum.UNKNOWN: "?"}


def condition(
    name: str,
    passed: Passed,
    nl: str,
    en: str,
    *,
    by: float | None = None,
    unit: str = "",
    sigma: float = math.nan,
) -> Condition:
    """One condition."""
    return {
        "name": name,
        "passed": passed,
        "by": number(by, 1),
        "unit": unit or None,
        "sigma": number(sigma, 1),
        "text_nl": nl,
        "text_en": en,
    }


def _flies(track: TrackRow) -> tuple[str, str]:
    if flight_unknown(track):
        return "niet bekend of hij vliegt", "not known whether it flies"
    return ("in de lucht", "in the air") if track.airborne else ("op de grond", "on the ground")


def of_signal(track: TrackRow, time_s: float) -> list[Condition]:
    """What every rule asks of the signal before it looks at the flight."""
    age_s = time_s - (track.logged_s if math.isnan(track.fix_time_s) else track.fix_time_s)
    placed = not math.isnan(track.latitude_deg)
    confirmed = track.state in {TrackState.CONFIRMED, TrackState.COASTING}
    clock = not skewed(track.skew_s)
    signs = sign_words(track.remarks)
    return [
        condition(
            "position",
            placed,
            f"plaats van {age_s:.0f} s geleden" if placed else "geen plaats bekend",
            f"position {age_s:.0f} s old" if placed else "no position known",
            by=age_s if placed else None,
            unit="s",
        ),
        condition("confirmed", confirmed, "meer dan eens gehoord", "heard more than once"),
        condition("airborne", track.airborne, *_flies(track)),
        condition(
            "clock",
            clock,
            "tijd in het signaal klopt" if clock else "tijd in het signaal klopt niet",
            "the signal's time is plausible" if clock else "the signal's time is not plausible",
            by=None if math.isnan(track.skew_s) else MOST_SKEW_S - abs(track.skew_s),
            unit="s",
        ),
        condition(
            "trusted",
            not track.suspect,
            "; ".join(nl for nl, _ in signs) if track.suspect else "geen vervalsing vermoed",
            "; ".join(en for _, en in signs) if track.suspect else "no spoofing suspected",
        ),
    ]  # fmt: skip


def of_place(margin_m: float, sigma_m: float = math.nan) -> Condition:
    """Inside the edge or beside it."""
    inside = margin_m >= 0
    far = metres(abs(margin_m))
    nl = f"{far.replace('.', ',')} {'binnen' if inside else 'buiten'} de grens"
    return condition(
        "place",
        inside,
        nl,
        f"{far} {'inside' if inside else 'outside'} the edge",
        by=margin_m,
        unit="m",
        sigma=sigma_m,
    )


def of_band(volume: Volume, found: Sequence[dict[Datum, float]], sigma_m: float = math.nan) -> list[Condition]:
    """Above the floor, below the ceiling; of several readings the one that fits worst. Open limits ask nothing."""
    conditions = []
    if volume.lower_m is not None and volume.lower_m > 0:
        conditions.append(_limit("floor", volume, found, sigma_m))
    if volume.upper_m is not None:
        conditions.append(_limit("ceiling", volume, found, sigma_m))
    return conditions


def _limit(name: str, volume: Volume, found: Sequence[dict[Datum, float]], sigma_m: float) -> Condition:
    floor = name == "floor"
    limit_m, datum = (volume.lower_m, volume.lower_datum) if floor else (volume.upper_m, volume.upper_datum)
    limit_m = limit_m or 0.0
    asked = (Datum.AGL, Datum.WGS84) if datum is Datum.UNKNOWN else (datum,)
    off_m = [one[each] - limit_m if floor else limit_m - one[each] for one in found for each in asked]
    known = [each for each in off_m if not math.isnan(each)]
    # only this limit of the volume
    alone = Volume(
        shape=volume.shape,
        lower_m=volume.lower_m if floor else None,
        lower_datum=volume.lower_datum,
        upper_m=None if floor else volume.upper_m,
        upper_datum=volume.upper_datum,
    )
    passed = in_band(alone, found)
    told = limit_text(limit_m, datum, ground=floor)
    nl, en = ("ondergrens", "floor") if floor else ("bovengrens", "ceiling")
    if not known:
        return condition(name, None, f"{nl} {told}: hoogte niet bekend", f"{en} {told}: height unknown", unit="m")
    by_m = min(known)
    side = (by_m >= 0) is floor
    far = f"{abs(by_m):.0f} m"
    return condition(
        name,
        passed,
        f"{far} {'boven' if side else 'onder'} de {nl} van {told}",
        f"{far} {'above' if side else 'below'} the {en} of {told}",
        by=by_m,
        unit="m",
        sigma=sigma_m,
    )


def of_hours(zone: Zone, time_s: float) -> Condition:
    """In force or not, and for how long."""
    passed, change_s = active(zone, time_s), next_change_s(zone, time_s)
    nl, en = ("van kracht", "in force") if passed else ("niet van kracht", "not in force")
    if change_s is None:
        return condition("hours", passed, nl, en)
    minutes = (change_s - time_s) / 60.0
    until = f"{minutes:.0f} min ({rfc3339(change_s)[:16]}Z)"
    nl, en = (f"{nl}, nog {until}", f"{en} for another {until}")
    return condition("hours", passed, nl, en, by=minutes if passed else -minutes, unit="min")


def of_height(limit_m: float, height_m: float, sigma_m: float, sigmas: float) -> Condition:
    """Above a limit beyond doubt."""
    over_m = height_m - limit_m
    if math.isnan(height_m):
        return condition("above_limit", None, "hoogte niet bekend", "height unknown", unit="m")
    sure = height_m - sigmas * sigma_m > limit_m
    far = f"{abs(over_m):.0f} m"
    nl = f"{far} {'boven' if over_m > 0 else 'onder'} {limit_m:.0f} m (± {sigma_m:.0f} m)"
    en = f"{far} {'above' if over_m > 0 else 'below'} {limit_m:.0f} m (± {sigma_m:.0f} m)"
    return condition("above_limit", sure, nl, en, by=over_m, unit="m", sigma=sigma_m)


def of_notice(match: NoticeMatch, doubt: Doubt | None = None) -> Condition:
    """Whether a notice covers the flight, and what the nearest lacks; null where it is open whether there is one."""
    gap = match.gap
    lacks = [] if gap is None else [
        *([] if gap.metres is None else [f"{metres(gap.metres)}"]),
        *([] if gap.minutes is None else [f"{gap.minutes:+.0f} min"]),
        *([] if gap.identity is None else [f"serial {gap.identity}"]),
        *([] if gap.state is None else [gap.state]),
    ]  # fmt: skip
    named = f"{match.notice_id}" + (f": {', '.join(lacks)}" if lacks else "")
    nl, en = (f"melding {named}", f"notice {named}") if match.notice_id else ("geen melding", "no notice")
    if match.unread is not None:
        nl, en = f"{nl}, die niet te lezen is", f"{en}, which cannot be read"
    by = None if gap is None else gap.metres if gap.minutes is None else gap.minutes
    unit = "" if gap is None or by is None else "m" if gap.minutes is None else "min"
    open_nl, open_en = _DOUBTS[doubt] if doubt is not None and not match.matches else ("", "")
    nl, en = f"{nl}{open_nl}", f"{en}{open_en}"
    passed = None if open_nl or match.unread is not None else match.matches
    return condition("notice", passed, nl, en, by=None if by is None else -abs(by), unit=unit)


def notice_line(match: NoticeMatch) -> dict[str, Any] | None:
    """The nearest notice with what was missing; whose it is stays out of it."""
    if match.notice_id is None:
        return None
    gap = match.gap
    return {
        "notice_id": match.notice_id,
        "state": None if match.notice is None else match.notice.state.value,
        "matches": match.matches,
        "reason": match.reason.value,
        "starts": None if match.starts_s is None else rfc3339(match.starts_s),
        "metres": None if gap is None else number(gap.metres, 1),
        "minutes": None if gap is None else number(gap.minutes, 1),
        "identity": None if gap is None else gap.identity,
        "missing_state": None if gap is None else gap.state,
    }


def limit_text(limit_m: float | None, datum: Datum, *, ground: bool) -> str:
    """A limit as people read it: ``914 m AMSL``, ``GND``, ``-`` for none."""
    if limit_m is None or (ground and limit_m <= 0):
        return "GND" if ground else "-"
    return f"{limit_m:.0f} m {_DATUM_WORDS[datum]}"


def metres(length_m: float) -> str:
    """A length as people say it: ``12 m``, ``2.7 km``."""
    return f"{length_m:.0f} m" if length_m < 1000 else f"{length_m / 1000:.1f} km"  # noqa: PLR2004 -- a kilometre


def needs(rule: Rule) -> dict[str, Any]:
    """How often and how long it must be so before the rule speaks."""
    return {"fixes": rule.least_fixes, "seconds": rule.least_s, "margin": rule.margin}


def versions_of(catalogue: Catalogue) -> list[dict[str, str]]:
    """Source files with the version of each."""
    return [{"source": source, "version": version} for source, version in catalogue.versions]


def heights_line(heights: Heights) -> dict[str, Any]:
    """The height in every datum, with its doubt and what it rests on."""
    return {
        "agl_m": number(float(heights.agl_m[0]), 1),
        "sigma_m": number(float(heights.sigma_m[0]), 1),
        "amsl_m": number(float(heights.amsl_m[0]), 1),
        "wgs84_m": number(float(heights.wgs84_m[0]), 1),
        "source": HeightSource(int(heights.source[0])).name.lower(),
    }
