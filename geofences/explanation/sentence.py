"""One sentence for the officer, in Dutch (B1) and English: what is so, where, and why."""

from __future__ import annotations

import math
from typing import Final

from airspace.model.verdict import Reason, VerdictValue
from geofences.explanation.conditions import metres
from geofences.notices.book import NoticeMatch

Pair = tuple[str, str]  # Dutch, English
_LONG_MIN: Final = 120  # from here on people count hours

_BEFORE: Final[dict[VerdictValue, Pair]] = {
    VerdictValue.VIOLATION: ("Niet toegestaan", "Not allowed"),
    VerdictValue.SUSPECTED: ("Waarschijnlijk niet toegestaan", "Probably not allowed"),
    VerdictValue.NOT_DECIDABLE: ("Niet te zeggen", "Cannot be decided"),
    VerdictValue.SITUATION: ("Let op", "Take note"),
    VerdictValue.ALLOWED: ("Toegestaan", "Allowed"),
}
_WHY: Final[dict[Reason, Pair]] = {
    Reason.NO_NOTICE: ("er is geen melding voor deze vlucht", "there is no notice for this flight"),
    Reason.NOTICE_WRONG_TIME: ("de melding geldt niet op dit moment", "its notice is not for this time"),
    Reason.NOTICE_WRONG_PLACE: ("de melding geldt niet op deze plaats", "its notice is not for this place"),
    Reason.NOTICE_WRONG_HEIGHT: ("de melding geldt niet op deze hoogte", "its notice is not for this height"),
    Reason.NOTICE_WRONG_IDENTITY: (
        "de melding hier is van een andere drone", "the notice here is another drone's",
    ),
    Reason.NOTICE_NOT_APPROVED: ("de melding is niet goedgekeurd", "its notice is not approved"),
    Reason.ALL_FLIGHTS_FORBIDDEN: ("alle vluchten zijn hier verboden", "all flights are forbidden here"),
    Reason.PERMISSION_MISSING: ("er is hier toestemming nodig", "permission is needed here"),
    Reason.ABOVE_LIMIT: ("de drone vliegt te hoog", "the drone flies too high"),
    Reason.CROSSED_BETWEEN_FIXES: ("de drone vloog er doorheen", "the drone flew through it"),
    Reason.TGB_NOT_NAMED: (
        "de melding noemt dit tijdelijke gebied niet", "its notice does not name this temporary area",
    ),
    Reason.OVER_ASSEMBLY: ("er zijn hier veel mensen bij elkaar", "there is an assembly of people here"),
    Reason.NEAR_HOMES: ("dit type drone is te dicht bij bebouwing", "this class of drone is too near to built-up land"),
    Reason.CLASS_NOT_ALLOWED: ("dit type drone mag hier niet vliegen", "this class of drone may not fly here"),
    Reason.BEYOND_SIGHT: ("de drone is te ver van de piloot", "the drone is too far from its pilot"),
    Reason.REMOTE_ID_MISSING: ("de drone zendt geen identiteit uit", "the drone sends no identity"),
    Reason.REMOTE_ID_INVALID: ("de identiteit van de drone klopt niet", "the drone's identity is malformed"),
    Reason.NOTICE_IDENTITY_MISSING: (
        "er is een melding, maar de drone noemt zijn serienummer niet",
        "there is a notice, but the drone does not give its serial number",
    ),
    Reason.TIME_IMPLAUSIBLE: ("de tijd in het signaal klopt niet", "the signal's time is not plausible"),
    Reason.SIGNAL_DOUBTFUL: ("het signaal is verdacht", "the signal is doubtful"),
    Reason.RULE_UNKNOWN: ("de regel van dit gebied is niet bekend", "the rule of this area is not known"),
    Reason.HEIGHT_UNKNOWN: ("de hoogte is niet bekend", "the height is not known"),
    Reason.INSIDE_FENCE: ("de drone is in het bewaakte gebied", "the drone is in the watched area"),
    Reason.OUTSIDE_NOTICE: ("de drone is buiten het gemelde gebied", "the drone is outside its notified area"),
    Reason.CONTINGENT: ("de drone is al lang buiten het gemelde gebied",
                        "the drone has long been outside its notified area"),
    Reason.FLOOD: ("er zijn te veel nieuwe drones tegelijk", "there are too many new drones at once"),
    Reason.NOTICE_MATCHES: ("er is een goedgekeurde melding", "there is an approved notice"),
    Reason.NOTICE_GRACE: ("de melding is net afgelopen", "its notice has just ended"),
    Reason.NATURE_AREA: ("dit is een natuurgebied", "this is a nature area"),
    Reason.PILOT_FAR: ("de piloot is ver weg", "the pilot is far away"),
}  # fmt: skip


def of_finding(
    value: VerdictValue, reason: Reason, names: Pair, margin_m: float | None, height_m: float, match: NoticeMatch
) -> Pair:
    """``names`` is the zone as a sentence says it; ``margin_m`` metres inside its edge, None for a rule without one."""
    nl, en = _WHY.get(reason, (reason.value, reason.value))
    more_nl, more_en = _gap(reason, match)
    before_nl, before_en = _BEFORE[value]
    height = "" if math.isnan(height_m) else f"{height_m:.0f} m"
    high_nl, high_en = (f", op {height} hoogte", f", at {height} above ground") if height else ("", "")
    if margin_m is None:
        return f"{before_nl}: {nl}{more_nl}{high_nl}.", f"{before_en}: {en}{more_en}{high_en}."
    where_nl, where_en = _where(names, margin_m)
    return f"{before_nl}{where_nl}{high_nl}: {nl}{more_nl}.", f"{before_en}{where_en}{high_en}: {en}{more_en}."


def of_nothing(nearest: tuple[Pair, float] | None) -> Pair:
    """No rule speaks; the nearest zone's edge, if one is near."""
    nl, en = (
        "Geen regel die dit systeem kent verbiedt deze vlucht",
        "No rule that this system knows forbids this flight",
    )
    if nearest is None:
        return f"{nl}.", f"{en}."
    (name_nl, name_en), off_m = nearest
    far = metres(off_m)
    return f"{nl}; {name_nl} is {_dutch(far)} verderop.", f"{en}; {name_en} is {far} away."


def _where(names: Pair, margin_m: float) -> Pair:
    """`` in de CTR Schiphol, 2,7 km binnen de grens``."""
    far = metres(margin_m)
    return f" in {names[0]}, {_dutch(far)} binnen de grens", f" in {names[1]}, {far} inside the edge"


def _gap(reason: Reason, match: NoticeMatch) -> Pair:
    gap = match.gap
    if gap is None:
        return "", ""
    if reason is Reason.NOTICE_WRONG_TIME and gap.minutes is not None:
        nl, en = _minutes(abs(gap.minutes))
        if gap.minutes > 0:
            return f" (begint over {nl})", f" (it starts in {en})"
        return f" ({nl} geleden afgelopen)", f" (it ended {en} ago)"
    if reason in {Reason.NOTICE_WRONG_PLACE, Reason.NOTICE_WRONG_HEIGHT} and gap.metres is not None:
        far = metres(gap.metres)
        return f" ({_dutch(far)} ernaast)", f" ({far} off)"
    return "", ""


def _minutes(minutes: float) -> Pair:
    whole = round(minutes)
    if whole < 1:
        return "minder dan een minuut", "less than a minute"
    if whole == 1:
        return "een minuut", "a minute"
    if whole < _LONG_MIN:
        return f"{whole} minuten", f"{whole} minutes"
    hours = round(minutes / 60)
    return f"{hours} uur", f"{hours} hours"


def _dutch(length: str) -> str:
    return length.replace(".", ",")
