from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from airspace.model.track import Remark
from airspace.model.verdict import Kind, NoticeGap, Reason, VerdictValue
from alerting.facts import Facts
from alerting.sentences import sentences
from tests.alerting.making import row

NOW_S = datetime(2026, 5, 1, 18, 30, tzinfo=UTC).timestamp()  # 20:30 in Amsterdam
SENSOR = (
    Reason.SENSOR_SILENT,
    Reason.SENSOR_BLIND,
    Reason.SENSOR_CLOCK,
    Reason.SENSOR_OLD,
    Reason.SENSOR_BACK,
    Reason.SENSOR_CLOSED,
)
CODE = re.compile(r"[_{}]|None|nan|\b[A-Z]\w*\.[A-Z]")


def facts(reason: Reason, value: VerdictValue = VerdictValue.VIOLATION, **values: Any) -> Facts:
    names = {"name_nl": "de CTR Schiphol", "name_en": "the Schiphol CTR"}
    common: dict[str, Any] = {"kind": Kind.ZONE, "rule": "r", "rule_version": "1", "group": "g"}
    return Facts(value=value, reason=reason, **{**common, **names, **values})


HANDBOOK = [  # handbook, console: the table of sentences
    (
        facts(Reason.NO_NOTICE),
        "Niet toegestaan: vliegt in de CTR Schiphol en er is geen goedgekeurde melding voor deze drone.",
        "Not allowed: flying in the Schiphol CTR without an approved notice for this drone.",
    ),
    (
        facts(Reason.NOTICE_WRONG_TIME, notice_gap=NoticeGap(minutes=30.0), notice_starts_s=NOW_S + 1800),
        "Melding gevonden, maar die gaat pas in om 21:00.",
        "A notice exists, but it starts at 21:00.",
    ),
    (
        facts(Reason.NOTICE_WRONG_PLACE, notice_gap=NoticeGap(metres=141.7)),
        "Vliegt 140 m buiten het gemelde gebied.",
        "Flying 140 m outside the notified area.",
    ),
    (
        facts(Reason.NOTICE_IDENTITY_MISSING, VerdictValue.NOT_DECIDABLE),
        "Onzeker: er is een melding voor deze plek en tijd, maar de drone noemt geen serienummer.",
        "Unsure: a notice covers this place and time, but the drone gives no serial number.",
    ),
    (
        facts(Reason.ABOVE_LIMIT, kind=Kind.HEIGHT, height_agl_m=163.4),
        "Vliegt ongeveer 165 m boven de grond; 120 m is het maximum.",
        "Flying about 165 m above ground; 120 m is the limit.",
    ),
    (
        facts(Reason.SPOOF_SIGNS, VerdictValue.SUSPECTED, track=row(remarks=int(Remark.IDENTITY_CONFLICT))),
        "Signaal niet betrouwbaar: dezelfde drone is op twee plekken tegelijk gehoord.",
        "Signal not reliable: the same drone is heard in two places at once.",
    ),
    (
        facts(Reason.SENSOR_SILENT, name_nl="Noord", name_en="North", evidence={"silent_s": 240.0, "drones": 0}),
        "Geen drone gezien, maar sensor Noord zwijgt 4 minuten: zicht beperkt.",
        "No drone seen, but sensor North has been silent for 4 minutes: coverage reduced.",
    ),
    (
        facts(Reason.SENSOR_BLIND, name_nl="Noord", name_en="North", evidence={"says": "invalid license", "drones": 0}),
        "Geen drone gezien, maar sensor Noord meldt: licentie ongeldig. Zicht beperkt.",
        "No drone seen, but sensor North says: invalid license. Coverage reduced.",
    ),
    (
        facts(
            Reason.SENSOR_BLIND,
            name_nl="Noord",
            name_en="North",
            evidence={"says": "error, internal fault: antenna", "drones": 2},
        ),
        "Sensor Noord meldt: storing, storing in de sensor: antenna. Zicht beperkt.",
        "Sensor North says: fault, fault in the sensor: antenna. Coverage reduced.",
    ),
]


CROWDED = {"commercial": 3, "commercial_room": 2, "emergency": 0, "emergency_room": 1, "unknown": 4}
CONDUCT = [
    (
        facts(Reason.CTR_CONCURRENCY, VerdictValue.SITUATION, kind=Kind.CAPACITY, evidence=CROWDED),
        "Drie aangemelde vluchten tegelijk; er is plaats voor twee. Overleg met de toren.",
        "Three notified flights at once; there is room for two. Talk to the tower.",
    ),
    (
        facts(Reason.CTR_CONCURRENCY, evidence=CROWDED | {"commercial": 1, "emergency": 2}),
        "Twee vluchten van hulpdiensten tegelijk; er is plaats voor één. Overleg met de toren.",
        "Two emergency flights at once; there is room for one. Talk to the tower.",
    ),
    (
        facts(Reason.BEYOND_SIGHT, VerdictValue.SUSPECTED, evidence={"pilot_distance_m": 1264.0}),
        "De piloot staat 1,3 km van de drone: waarschijnlijk te ver om de drone te zien.",
        "The pilot is 1.3 km from the drone: probably too far to see it.",
    ),
    (
        facts(Reason.REMOTE_ID_INVALID, VerdictValue.SUSPECTED, evidence={"failed": ["serial_length"]}),
        "Het serienummer dat deze drone noemt, heeft niet de juiste vorm.",
        "The serial number that this drone gives is malformed.",
    ),
    (
        facts(Reason.REMOTE_ID_INVALID, VerdictValue.SUSPECTED, evidence={"failed": ["operator_id_form"]}),
        "Het operatornummer dat deze drone noemt, heeft niet de juiste vorm.",
        "The operator number that this drone gives is malformed.",
    ),
    (
        facts(Reason.NEAR_HOMES, VerdictValue.SUSPECTED, evidence={"says_class": "C3"}),
        "Waarschijnlijk niet toegestaan: een drone van klasse C3 vliegt te dicht bij bebouwing.",
        "Probably not allowed: a drone of class C3 is flying too close to buildings.",
    ),
    (
        facts(Reason.TGB_NOT_NAMED, name_nl="het tijdelijke gebied Den Haag", name_en="the temporary area The Hague"),
        "Niet toegestaan: de melding voor deze drone geldt niet in het tijdelijke gebied Den Haag.",
        "Not allowed: the notice for this drone does not hold in the temporary area The Hague.",
    ),
    (
        facts(Reason.OUTSIDE_NOTICE, VerdictValue.SITUATION, evidence={"outside_m": 356.0}),
        "De drone is 360 m buiten zijn eigen melding gevlogen en kan nog terug.",
        "The drone has flown 360 m outside its own notice and may still return.",
    ),
    (
        facts(Reason.CONTINGENT, VerdictValue.SITUATION, evidence={"excursion_s": 71.0}),
        "De drone blijft buiten zijn eigen melding, nu al 71 seconden.",
        "The drone stays outside its own notice, for 71 seconds now.",
    ),
    (
        facts(Reason.NO_NOTICE, evidence={"zone_activated": True}),
        "Niet toegestaan: de CTR Schiphol ging in terwijl de drone er al vloog.",
        "Not allowed: the Schiphol CTR came into force while the drone was already there.",
    ),
    (
        facts(
            Reason.INSIDE_FENCE,
            VerdictValue.SITUATION,
            name_nl="boven het publiek",
            name_en="above the crowd",
            evidence={"zone_activated": True},
        ),
        "Dit gebied ging in terwijl de drone er al vloog.",
        "This area came into force while the drone was already there.",
    ),
    (
        facts(Reason.BACK_WITHIN_LIMIT, VerdictValue.ALLOWED, kind=Kind.HEIGHT),
        "De drone vliegt weer onder de hoogtegrens.",
        "The drone is below the height limit again.",
    ),
]


@pytest.mark.parametrize(("said", "nl", "en"), CONDUCT)
def test_sentences_about_more_than_a_place(said: Facts, nl: str, en: str) -> None:
    assert sentences(said, NOW_S) == (nl, en)


@pytest.mark.parametrize(("said", "nl", "en"), HANDBOOK)
def test_the_sentences_of_the_handbook(said: Facts, nl: str, en: str) -> None:
    assert sentences(said, NOW_S) == (nl, en)


@pytest.mark.parametrize("value", VerdictValue)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_can_be_said_aloud(reason: Reason, value: VerdictValue) -> None:
    for closed in (False, True):
        nameless = {} if reason in SENSOR else {"name_nl": "", "name_en": ""}  # a sensor always has a name
        activated = facts(reason, value, evidence={"zone_activated": True})
        for given in (facts(reason, value), facts(reason, value, **nameless), activated):
            for sentence in sentences(given, NOW_S, closed=closed):
                assert sentence.endswith(".")
                assert sentence[0].isupper()
                assert "  " not in sentence
                assert len(sentence) <= 120
                assert not CODE.search(sentence)


@pytest.mark.parametrize("reason", Reason)
def test_nothing_is_called_illegal_or_an_offence(reason: Reason) -> None:
    text = " ".join(sentences(facts(reason), NOW_S)).lower()
    assert not re.search(r"illegaal|illegal|overtred|strafbaar|offen[cs]e|crim", text)


def test_no_two_reasons_sound_the_same() -> None:
    said = [sentences(facts(reason), NOW_S) for reason in Reason]
    assert len({nl for nl, _ in said}) == len({en for _, en in said}) == len(said)


@pytest.mark.parametrize(
    ("gap", "starts_s", "nl"),
    [
        (NoticeGap(minutes=-12.2), None, "Melding gevonden, maar die is 12 minuten geleden afgelopen."),
        (NoticeGap(minutes=-300.0), None, "Melding gevonden, maar die is 5 uur geleden afgelopen."),
        (NoticeGap(minutes=45.0), None, "Melding gevonden, maar die gaat pas in om 21:15."),
        (NoticeGap(minutes=720.0), NOW_S + 43200, "Melding gevonden, maar die gaat pas in op 2 mei om 08:30."),
        (None, None, "Melding gevonden, maar die geldt nu niet."),
    ],
)
def test_times_are_those_of_the_clock_in_amsterdam(gap: NoticeGap | None, starts_s: float | None, nl: str) -> None:
    assert sentences(facts(Reason.NOTICE_WRONG_TIME, notice_gap=gap, notice_starts_s=starts_s), NOW_S)[0] == nl


@pytest.mark.parametrize(
    ("metres", "nl", "en"),
    [
        (3.0, "Vliegt 10 m buiten het gemelde gebied.", "Flying 10 m outside the notified area."),
        (996.0, "Vliegt 1000 m buiten het gemelde gebied.", "Flying 1000 m outside the notified area."),
        (1449.0, "Vliegt 1,4 km buiten het gemelde gebied.", "Flying 1.4 km outside the notified area."),
        (None, "Vliegt buiten het gemelde gebied.", "Flying outside the notified area."),
    ],
)
def test_distances_are_rounded(metres: float | None, nl: str, en: str) -> None:
    assert sentences(facts(Reason.NOTICE_WRONG_PLACE, notice_gap=NoticeGap(metres=metres)), NOW_S) == (nl, en)


@pytest.mark.parametrize(
    ("value", "opening"),
    [
        (VerdictValue.VIOLATION, "Niet toegestaan:"),
        (VerdictValue.SUSPECTED, "Waarschijnlijk niet toegestaan:"),
        (VerdictValue.NOT_DECIDABLE, "Onzeker:"),
    ],
)
def test_the_opening_is_as_sure_as_the_verdict(value: VerdictValue, opening: str) -> None:
    assert sentences(facts(Reason.NO_NOTICE, value), NOW_S)[0].startswith(opening)


def test_a_place_keeps_its_own_preposition() -> None:
    over = facts(Reason.INSIDE_FENCE, name_nl="boven het publiek in de ArenA", name_en="above the crowd in the ArenA")
    assert sentences(over, NOW_S)[0] == "Een drone vliegt boven het publiek in de ArenA."
    ring = facts(Reason.INSIDE_FENCE, name_nl="de ring om de ArenA", name_en="the ArenA ring")
    assert sentences(ring, NOW_S)[1] == "A drone is flying in the ArenA ring."


def test_a_person_s_outcome_is_what_the_closing_says() -> None:
    nl, en = sentences(facts(Reason.NO_NOTICE), NOW_S, closed=True, outcome="warned")
    assert (nl, en) == ("Afgesloten: de piloot is gewaarschuwd.", "Closed: the pilot was warned.")
