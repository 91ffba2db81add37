"""Sentences about rules that need more than a place: who flies, how, and how many at once. Table: sentences.py."""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind
from alerting.facts import Facts
from alerting.wording import Pair, capital, count, duration, long, not_allowed, where

_BACK: Final[dict[Kind, Pair]] = {
    Kind.HEIGHT: ("De drone vliegt weer onder de hoogtegrens.", "The drone is below the height limit again."),
    Kind.SIGHT: ("De drone is weer dichter bij de piloot.", "The drone is closer to the pilot again."),
    Kind.REMOTE_ID: ("De drone noemt nu een goede identiteit.", "The drone now gives a proper identity."),
    Kind.CONFORMANCE: ("De drone vliegt weer binnen zijn eigen melding.", "The drone is within its own notice again."),
    Kind.CAPACITY: (
        "Er is weer plaats voor alle aangemelde vluchten.",
        "There is room for all notified flights again.",
    ),
}


def not_named(facts: Facts, _: float) -> Pair:
    """A notice, but not for this temporary area."""
    sure_nl, sure_en = not_allowed(facts)
    in_nl, in_en = where(facts)
    return (
        f"{sure_nl}: de melding voor deze drone geldt niet {in_nl}.",
        f"{sure_en}: the notice for this drone does not hold {in_en}.",
    )


def over_assembly(facts: Facts, _: float) -> Pair:
    """Over an event."""
    sure_nl, sure_en = not_allowed(facts)
    in_nl, in_en = where(facts)
    return (
        f"{sure_nl}: vliegt {in_nl}, waar veel mensen bij elkaar zijn.",
        f"{sure_en}: flying {in_en}, where many people are together.",
    )


def _class(facts: Facts) -> Pair:
    mark = facts.evidence.get("says_class")
    if not isinstance(mark, str):
        return "een zware drone", "a heavy drone"
    return f"een drone van klasse {mark}", f"a drone of class {mark}"


def near_homes(facts: Facts, _: float) -> Pair:
    """Subcategory A3 by built-up land."""
    sure_nl, sure_en = not_allowed(facts)
    nl, en = _class(facts)
    return f"{sure_nl}: {nl} vliegt te dicht bij bebouwing.", f"{sure_en}: {en} is flying too close to buildings."


def class_not_allowed(facts: Facts, _: float) -> Pair:
    """Subcategory A3 in a low-flying area."""
    sure_nl, sure_en = not_allowed(facts)
    nl, en = _class(facts)
    in_nl, in_en = where(facts)
    return f"{sure_nl}: {nl} mag niet vliegen {in_nl}.", f"{sure_en}: {en} may not fly {in_en}."


def pilot_far(facts: Facts, _: float) -> Pair:
    """Information."""
    nl, en = long(facts.evidence.get("pilot_distance_m"), "ver", "far")
    return f"De piloot staat {nl} van de drone.", f"The pilot is {en} from the drone."


def beyond_sight(facts: Facts, _: float) -> Pair:
    """Too far to be seen, probably."""
    nl, en = long(facts.evidence.get("pilot_distance_m"), "ver", "far")
    return (
        f"De piloot staat {nl} van de drone: waarschijnlijk te ver om de drone te zien.",
        f"The pilot is {en} from the drone: probably too far to see it.",
    )


def remote_id_invalid(facts: Facts, _: float) -> Pair:
    """The part of the identity whose form is wrong."""
    said = facts.evidence.get("failed")
    failed = said if isinstance(said, list) else []
    operator = "operator_id_form" in failed
    if operator and len(failed) == 1:
        what = "Het operatornummer dat", "The operator number that"
    elif failed and not operator:
        what = "Het serienummer dat", "The serial number that"
    else:
        what = "De identiteit die", "The identity that"
    return f"{what[0]} deze drone noemt, heeft niet de juiste vorm.", f"{what[1]} this drone gives is malformed."


def outside_notice(facts: Facts, _: float) -> Pair:
    """Nonconforming."""
    nl, en = long(facts.evidence.get("outside_m"), "", "")
    return (
        f"De drone is {nl + ' ' if nl else ''}buiten zijn eigen melding gevlogen en kan nog terug.",
        f"The drone has flown {en + ' ' if en else ''}outside its own notice and may still return.",
    )


def contingent(facts: Facts, _: float) -> Pair:
    """Nonconforming for too long."""
    seconds = facts.evidence.get("excursion_s")
    nl, en = duration(seconds) if isinstance(seconds, int | float) else ("lang", "a long time")
    return (
        f"De drone blijft buiten zijn eigen melding, nu al {nl}.",
        f"The drone stays outside its own notice, for {en} now.",
    )


def concurrency(facts: Facts, _: float) -> Pair:
    """Of the kind of flight that is too many; nobody is named, as nobody is to blame."""
    said = facts.evidence
    services = said.get("commercial", 0) <= said.get("commercial_room", 0) and "emergency" in said
    flights, room = (said.get(f"emergency{end}" if services else f"commercial{end}") for end in ("", "_room"))
    if not isinstance(flights, int) or not isinstance(room, int):
        return "Te veel aangemelde vluchten tegelijk. Overleg met de toren.", (
            "Too many notified flights at once. Talk to the tower."
        )
    kind = (
        ("vluchten van hulpdiensten", "emergency flights") if services else ("aangemelde vluchten", "notified flights")
    )
    counted, places = count(flights), count(room)
    return (
        f"{capital(counted[0])} {kind[0]} tegelijk; er is plaats voor {places[0]}. Overleg met de toren.",
        f"{capital(counted[1])} {kind[1]} at once; there is room for {places[1]}. Talk to the tower.",
    )


def nature(facts: Facts, _: float) -> Pair:
    """Information."""
    in_nl, in_en = where(facts)
    return (
        f"De drone vliegt {in_nl}: beschermde natuur, de provincie heeft regels.",
        f"The drone is flying {in_en}: protected nature, the province has rules.",
    )


def back(facts: Facts, _: float) -> Pair:
    """What was not right is right again."""
    return _BACK.get(facts.kind, ("De drone houdt zich weer aan de regel.", "The drone keeps to the rule again."))
