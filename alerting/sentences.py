"""The one sentence of an alert, in Dutch (B1) and English, that an officer can say aloud.

Table and tone: handbook, console "Sentences". Present tense, no codes, no accusation, numbers rounded to what is known,
times as on the clock in Amsterdam. Every ``Reason`` has a sentence in both languages.

A zone that came into force over a drone is told as that, and not as flown into.

Left out: the sentences for helicopters and before take-off: no rule in the service finds those yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from airspace.model.detection import IdType
from airspace.model.sign_words import sign_words
from airspace.model.units import epoch_s
from airspace.model.verdict import Reason, VerdictValue
from alerting import conduct, outcomes
from alerting.facts import Facts
from alerting.sensor_words import sensor_words
from alerting.wording import UNNAMED, Pair, capital, clock, duration, is_plain, large, metres_of, not_allowed, where

HEIGHT_LIMIT_M: Final = 120.0  # UAS.OPEN.010, where the rule does not say its own


def sentences(facts: Facts, now_s: float, *, outcome: str | None = None, closed: bool = False) -> Pair:
    """(Dutch, English). ``now_s`` is the time of the telling; ``outcome`` a person's, or ``replaced``.

    ``closed`` is what is gone; what is handled and still there is said by ``outcomes.handled``.
    """
    if not closed:
        return _matter(facts, now_s)
    said = outcomes.closed(outcome)
    if said is None:
        return _OVER[facts.reason] if facts.reason in _OVER else _SENTENCES[facts.reason](facts, now_s)
    if past_coverage(facts) is None:
        return said
    back = _SENTENCES[facts.reason](facts, now_s)
    return f"{back[0]} {said[0]}", f"{back[1]} {said[1]}"


def _matter(facts: Facts, now_s: float) -> Pair:
    if facts.reason in _ENTRIES and facts.evidence.get("zone_activated"):
        return _activated(facts)
    return _SENTENCES[facts.reason](facts, now_s)


def _activated(facts: Facts) -> Pair:
    """It did not fly in: the zone came into force over it."""
    names = facts.name_nl or UNNAMED[0], facts.name_en or UNNAMED[1]
    nl, en = (each if is_plain(each) else unnamed for each, unnamed in zip(names, UNNAMED, strict=True))
    came = f"{nl} ging in terwijl de drone er al vloog.", f"{en} came into force while the drone was already there."
    if facts.value is VerdictValue.SITUATION:
        return capital(came[0]), capital(came[1])
    sure_nl, sure_en = not_allowed(facts)
    return f"{sure_nl}: {came[0]}", f"{sure_en}: {came[1]}"


def _no_notice(facts: Facts, _: float) -> Pair:
    sure_nl, sure_en = not_allowed(facts)
    in_nl, in_en = where(facts)
    return (
        f"{sure_nl}: vliegt {in_nl} en er is geen goedgekeurde melding voor deze drone.",
        f"{sure_en}: flying {in_en} without an approved notice for this drone.",
    )


def _notices_unknown(facts: Facts, _: float) -> Pair:
    sure_nl, sure_en = not_allowed(facts)
    in_nl, in_en = where(facts)
    return (
        f"{sure_nl}: vliegt {in_nl}; of er een melding is, is hier niet bekend.",
        f"{sure_en}: flying {in_en}; whether it has a notice is not known here.",
    )


def _identity_missing(facts: Facts, _: float) -> Pair:
    named = facts.track is not None and facts.track.uas_id is not None and facts.track.uas_id_type == IdType.SERIAL
    if named:
        return (
            "Onzeker: er is een melding voor deze plek en tijd, maar daarin staat geen serienummer.",
            "Unsure: a notice covers this place and time, but it gives no serial number.",
        )
    return (
        "Onzeker: er is een melding voor deze plek en tijd, maar de drone noemt geen serienummer.",
        "Unsure: a notice covers this place and time, but the drone gives no serial number.",
    )


def _wrong_time(facts: Facts, now_s: float) -> Pair:
    minutes = facts.notice_gap.minutes if facts.notice_gap else None
    if minutes is not None and minutes < 0:
        ago_nl, ago_en = duration(-minutes * 60.0)
        return (
            f"Melding gevonden, maar die is {ago_nl} geleden afgelopen.",
            f"A notice exists, but it ended {ago_en} ago.",
        )
    starts_s = facts.notice_starts_s
    if starts_s is None and minutes is not None:
        starts_s = now_s + minutes * 60.0
    if starts_s is None or starts_s <= now_s:
        return "Melding gevonden, maar die geldt nu niet.", "A notice exists, but it does not hold now."
    at_nl, at_en = clock(starts_s, now_s)
    return f"Melding gevonden, maar die gaat pas in {at_nl}.", f"A notice exists, but it starts {at_en}."


def _wrong_place(facts: Facts, _: float) -> Pair:
    nl, en = metres_of(facts)
    return f"Vliegt {nl}buiten het gemelde gebied.", f"Flying {en}outside the notified area."


def _wrong_height(facts: Facts, _: float) -> Pair:
    nl, en = metres_of(facts)
    return f"Vliegt {nl}buiten de gemelde hoogte.", f"Flying {en}outside the notified height."


def _not_approved(facts: Facts, _: float) -> Pair:
    state = facts.notice_gap.state if facts.notice_gap else None
    if state == "cancelled":
        return "Melding gevonden, maar die is ingetrokken.", "A notice exists, but it was cancelled."
    if state in {"ended", "expired"}:
        return "Melding gevonden, maar die is afgelopen.", "A notice exists, but it is over."
    return "Melding gevonden, maar die is nog niet goedgekeurd.", "A notice exists, but it is not approved yet."


def _all_forbidden(facts: Facts, _: float) -> Pair:
    sure_nl, sure_en = not_allowed(facts)
    in_nl, in_en = where(facts)
    return f"{sure_nl}: {in_nl} mag nu geen drone vliegen.", f"{sure_en}: no drone may fly {in_en} now."


def _permission_missing(facts: Facts, _: float) -> Pair:
    sure_nl, sure_en = not_allowed(facts)
    in_nl, in_en = where(facts)
    if "notices" in facts.evidence:  # nobody here knows of permissions
        return (
            f"{sure_nl}: vliegt {in_nl}; of er toestemming is, is hier niet bekend.",
            f"{sure_en}: flying {in_en}; whether there is permission is not known here.",
        )
    return (
        f"{sure_nl}: vliegt {in_nl} en er is geen toestemming bekend.",
        f"{sure_en}: flying {in_en} and no permission is known.",
    )


def _above_limit(facts: Facts, _: float) -> Pair:
    said = facts.evidence.get("limit_m", HEIGHT_LIMIT_M)
    limit_m = said if isinstance(said, int | float) else HEIGHT_LIMIT_M
    if facts.height_agl_m is None:
        return f"Vliegt hoger dan {limit_m:.0f} m boven de grond.", f"Flying higher than {limit_m:.0f} m above ground."
    height_m = 5 * round(facts.height_agl_m / 5.0)
    return (
        f"Vliegt ongeveer {height_m} m boven de grond; {limit_m:.0f} m is het maximum.",
        f"Flying about {height_m} m above ground; {limit_m:.0f} m is the limit.",
    )


def _crossed(facts: Facts, _: float) -> Pair:
    nl, en = facts.name_nl or UNNAMED[0], facts.name_en or UNNAMED[1]
    return (
        f"Onzeker: vloog waarschijnlijk door {nl}, tussen twee metingen in.",
        f"Unsure: probably flew through {en} between two fixes.",
    )


def _rule_unknown(facts: Facts, _: float) -> Pair:
    in_nl, in_en = where(facts)
    return f"Onzeker: de regel {in_nl} is niet bekend.", f"Unsure: the rule {in_en} is not known."


def _inside_fence(facts: Facts, _: float) -> Pair:
    in_nl, in_en = where(facts)
    return f"Een drone vliegt {in_nl}.", f"A drone is flying {in_en}."


def _sensor_silent(facts: Facts, _: float) -> Pair:
    silent_s, drones = facts.evidence.get("silent_s"), facts.evidence.get("drones")
    sensor_nl, sensor_en = f"sensor {facts.name_nl}", f"sensor {facts.name_en}"
    if isinstance(silent_s, int | float):
        long_nl, long_en = duration(silent_s)
        nl, en = f"{sensor_nl} zwijgt {long_nl}", f"{sensor_en} has been silent for {long_en}"
    else:
        nl, en = f"{sensor_nl} is nog niet gehoord", f"{sensor_en} has not been heard yet"
    if drones == 0:
        return f"Geen drone gezien, maar {nl}: zicht beperkt.", f"No drone seen, but {en}: coverage reduced."
    return f"{capital(nl)}: zicht beperkt.", f"{capital(en)}: coverage reduced."


def _sensor_blind(facts: Facts, _: float) -> Pair:
    nl, en = sensor_words(str(facts.evidence.get("says") or ""))
    nl, en = f"sensor {facts.name_nl} meldt: {nl}.", f"sensor {facts.name_en} says: {en}."
    if facts.evidence.get("drones") == 0:
        return f"Geen drone gezien, maar {nl} Zicht beperkt.", f"No drone seen, but {en} Coverage reduced."
    return f"{capital(nl)} Zicht beperkt.", f"{capital(en)} Coverage reduced."


def _sensor_clock(facts: Facts, _: float) -> Pair:
    behind_s = facts.evidence.get("behind_s")
    late = behind_s if isinstance(behind_s, int | float) else 0.0
    long_nl, long_en = duration(abs(late))
    way_nl, way_en = ("achter", "behind") if late >= 0 else ("voor", "ahead")
    return (
        f"De klok van sensor {facts.name_nl} loopt {long_nl} {way_nl} en wordt gecorrigeerd: zicht beperkt.",
        f"The clock of sensor {facts.name_en} is {long_en} {way_en} and is corrected for: coverage reduced.",
    )


def _sensor_old(facts: Facts, _: float) -> Pair:
    behind_s = facts.evidence.get("behind_s")
    nl, en = duration(behind_s) if isinstance(behind_s, int | float) else ("onbekend", "nobody knows how")
    return (
        f"Sensor {facts.name_nl} levert alleen berichten van {nl} oud: zicht beperkt.",
        f"Sensor {facts.name_en} brings only messages that are {en} old: coverage reduced.",
    )


def past_coverage(facts: Facts) -> Pair | None:
    """What a sensor that did not hear did, and for how long in all; None of anything else, or while it lasts.

    Without a full stop.
    """
    was, lasted_s = facts.evidence.get("was"), facts.evidence.get("lasted_s")
    if not isinstance(lasted_s, int | float):
        return None
    (long_nl, long_en), nl, en = duration(lasted_s), f"Sensor {facts.name_nl}", f"Sensor {facts.name_en}"
    if was == Reason.SENSOR_BLIND:
        says_nl, says_en = sensor_words(str(facts.evidence.get("says") or ""))
        return f"{nl} meldde {long_nl} lang: {says_nl}", f"{en} said for {long_en}: {says_en}"
    if was in {Reason.SENSOR_CLOCK, Reason.SENSOR_OLD}:
        return (
            f"De tijden van sensor {facts.name_nl} klopten {long_nl} lang niet",
            f"{en} had wrong times for {long_en}",
        )
    if facts.evidence.get("last_heard") is None:
        return f"{nl} was {long_nl} niet te horen", f"{en} was not heard for {long_en}"
    return f"{nl} zweeg {long_nl}", f"{en} was silent for {long_en}"


def _sensor_closed(facts: Facts, _: float) -> Pair:
    past = past_coverage(facts)
    if past is not None:
        return f"{past[0]}. Nu luistert hij niet, zoals afgesproken.", f"{past[1]}. It is not meant to listen now."
    return (
        f"Sensor {facts.name_nl} luistert nu niet, zoals afgesproken.",
        f"Sensor {facts.name_en} is not meant to listen now.",
    )


def _sensor_back(facts: Facts, _: float) -> Pair:
    past = past_coverage(facts)
    if past is not None:
        return f"{past[0]}. Hij werkt weer.", f"{past[1]}. It is back."
    return f"Sensor {facts.name_nl} werkt weer.", f"Sensor {facts.name_en} is back."


def _spoof_signs(facts: Facts, _: float) -> Pair:
    tracks = facts.evidence.get("tracks")
    if isinstance(tracks, int):
        return (
            f"Signaal niet betrouwbaar: {tracks} drones tegelijk, waarschijnlijk uit één zender.",
            f"Signal not reliable: {tracks} drones at once, probably from one transmitter.",
        )
    remarks = facts.track.remarks if facts.track else 0
    for nl, en in sign_words(remarks)[:1]:
        return f"Signaal niet betrouwbaar: {nl}.", f"Signal not reliable: {en}."
    return "Signaal niet betrouwbaar.", "Signal not reliable."


def _flood(facts: Facts, now_s: float) -> Pair:
    tracks, since = facts.evidence.get("tracks"), facts.evidence.get("since")
    if not isinstance(tracks, int) or not isinstance(since, str):
        return "Heel veel nieuwe drones tegelijk. Er kunnen echte bij zijn.", (
            "Very many new drones at once. Single ones may be real."
        )
    nl, en = clock(epoch_s(since), now_s)
    since_nl, since_en = nl.removeprefix("om "), en.removeprefix("at ")
    return (
        f"{large(tracks)[0]} nieuwe drones sinds {since_nl}: meer dan er kunnen zijn. Er kunnen echte bij zijn.",
        f"{large(tracks)[1]} new drones since {since_en}: more than there can be. Single ones may be real.",
    )


def _left_zone(facts: Facts, _: float) -> Pair:
    in_nl, in_en = where(facts)
    return f"De drone vliegt niet meer {in_nl}.", f"The drone is no longer flying {in_en}."


def _fixed(nl: str, en: str) -> Callable[[Facts, float], Pair]:
    return lambda _facts, _now_s: (nl, en)


_ENTRIES: Final = frozenset(
    {
        Reason.NO_NOTICE,
        Reason.NOTICES_UNKNOWN,
        Reason.ALL_FLIGHTS_FORBIDDEN,
        Reason.PERMISSION_MISSING,
        Reason.TGB_NOT_NAMED,
        Reason.OVER_ASSEMBLY,
        Reason.INSIDE_FENCE,
    }
)
_OVER: Final[dict[Reason, Pair]] = {  # matters that end without a reason of their own
    Reason.EMERGENCY_DECLARED: ("De drone meldt geen noodgeval meer.", "The drone no longer reports an emergency."),
    Reason.SPOOF_SIGNS: ("Het onbetrouwbare signaal is weg.", "The unreliable signal is gone."),
    Reason.FLOOD: ("De vele nieuwe drones zijn weg.", "The many new drones are gone."),
}

_SENTENCES: Final[dict[Reason, Callable[[Facts, float], Pair]]] = {
    Reason.NO_NOTICE: _no_notice,
    Reason.NOTICE_WRONG_TIME: _wrong_time,
    Reason.NOTICE_WRONG_PLACE: _wrong_place,
    Reason.NOTICE_WRONG_HEIGHT: _wrong_height,
    Reason.NOTICE_WRONG_IDENTITY: _fixed(
        "Er is een melding voor deze plek en tijd, maar voor een andere drone.",
        "A notice covers this place and time, but it is for another drone.",
    ),
    Reason.NOTICE_NOT_APPROVED: _not_approved,
    Reason.ALL_FLIGHTS_FORBIDDEN: _all_forbidden,
    Reason.PERMISSION_MISSING: _permission_missing,
    Reason.ABOVE_LIMIT: _above_limit,
    Reason.CROSSED_BETWEEN_FIXES: _crossed,
    Reason.TGB_NOT_NAMED: conduct.not_named,
    Reason.OVER_ASSEMBLY: conduct.over_assembly,
    Reason.NEAR_HOMES: conduct.near_homes,
    Reason.CLASS_NOT_ALLOWED: conduct.class_not_allowed,
    Reason.BEYOND_SIGHT: conduct.beyond_sight,
    Reason.REMOTE_ID_MISSING: _fixed(
        "Onzeker: deze drone zendt geen identiteit uit; kleine en oude drones hoeven dat niet.",
        "Unsure: this drone broadcasts no identity; small and old drones need not.",
    ),
    Reason.REMOTE_ID_INVALID: conduct.remote_id_invalid,
    Reason.NOTICES_UNKNOWN: _notices_unknown,
    Reason.NOTICE_IDENTITY_MISSING: _identity_missing,
    Reason.NOTICE_UNREADABLE: _fixed(
        "Onzeker: er is een melding die van deze drone kan zijn, maar die is niet goed te lezen.",
        "Unsure: there is a notice that may be this drone's, but not all of it can be read.",
    ),
    Reason.TIME_IMPLAUSIBLE: _fixed(
        "Onzeker: de tijd in het signaal klopt niet.", "Unsure: the time in the signal is not right."
    ),
    Reason.SIGNAL_DOUBTFUL: _fixed("Onzeker: het signaal is niet betrouwbaar.", "Unsure: the signal is not reliable."),
    Reason.RULE_UNKNOWN: _rule_unknown,
    Reason.HEIGHT_UNKNOWN: _fixed(
        "Onzeker: de hoogte van de drone is niet bekend.", "Unsure: the height of the drone is not known."
    ),
    Reason.INSIDE_FENCE: _inside_fence,
    Reason.OUTSIDE_NOTICE: conduct.outside_notice,
    Reason.CONTINGENT: conduct.contingent,
    Reason.CTR_CONCURRENCY: conduct.concurrency,
    Reason.SENSOR_SILENT: _sensor_silent,
    Reason.SENSOR_BLIND: _sensor_blind,
    Reason.SENSOR_CLOCK: _sensor_clock,
    Reason.SENSOR_OLD: _sensor_old,
    Reason.EMERGENCY_DECLARED: _fixed("De drone meldt een noodgeval.", "The drone reports an emergency."),
    Reason.SPOOF_SIGNS: _spoof_signs,
    Reason.FLOOD: _flood,
    Reason.NOTICE_MATCHES: _fixed(
        "Toegestaan: er is een goedgekeurde melding voor deze vlucht.",
        "Allowed: there is an approved notice for this flight.",
    ),
    Reason.NOTICE_GRACE: _fixed(
        "Toegestaan: de melding is net afgelopen of ingetrokken; de drone mag nog landen.",
        "Allowed: the notice has just ended or was cancelled; the drone may still land.",
    ),
    Reason.NO_ZONE: _fixed("Hier geldt geen beperking.", "No restriction applies here."),
    Reason.NATURE_AREA: conduct.nature,
    Reason.PILOT_FAR: conduct.pilot_far,
    Reason.BACK_WITHIN_LIMIT: conduct.back,
    Reason.ON_THE_GROUND: _fixed("De drone is geland.", "The drone has landed."),
    Reason.LEFT_ZONE: _left_zone,
    Reason.ZONE_ENDED: _fixed("De beperking hier is afgelopen.", "The restriction here has ended."),
    Reason.TRACK_ENDED: _fixed("De drone wordt niet meer gehoord.", "The drone is no longer heard."),
    Reason.TRACK_MERGED: _fixed(
        "Dit is dezelfde drone als in een andere waarschuwing.", "This is the same drone as in another alert."
    ),
    Reason.SENSOR_BACK: _sensor_back,
    Reason.SENSOR_CLOSED: _sensor_closed,
    Reason.SERVICE_RESTARTED: _fixed(
        "Afgesloten: het systeem is opnieuw gestart.", "Closed: the system was restarted."
    ),
}
