"""What the classes and types of OpenAir airspaces mean for a drone: next to nothing, said once, here.

OpenAir describes airspace for manned aviation (class letters and P, R, Q, CTR ... in AC; types in AY since the extended
format of 2024, naviter/seeyou_file_formats). It carries no rule for drones. So only two are decided: a prohibited area
forbids all flights (SERA.3145, AIP ENR 5.1), and a control zone is taken to forbid the Open category. Controlled
airspace (classes A to D) that begins at the ground is a control zone whatever it is called: Kontrollzone, a surface
area. Conditions of restricted and reserved areas stand in the AIP only: undecided. Everything else (other classes, TMA,
airways, RMZ, TMZ, danger areas) asks of manned aviation what it does not ask of the Open category below 120 m: nothing.

| AC or AY | restriction | predicate |
|---|---|---|
| P | prohibited | all_forbidden |
| from the ground: CTR, a class A to D, any class letter with CTR in the name | conditional | open_forbidden, and why |
| R, TFR, OFR, TRA, TSA, N, ATZ, MATZ, HTZ | conditional | unknown: never decided, its owner is told |
| none, or a word that is not known | conditional | unknown, likewise |
| all others | none | none |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from airspace.model.zone import Predicate, Restriction

CONTROL_ZONE_BASIS: Final = (
    "OpenAir carries no rule for drones: that the Open category is forbidden in this control zone rests on the "
    "practice under Regulation (EU) 2019/947 article 15 and must be confirmed by the state's own zone file"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What is checked, and how a sentence names it: Dutch and English, with a place for the name."""

    restriction: Restriction
    predicate: Predicate
    name_nl: str
    name_en: str


CONTROL_ZONE: Final = Meaning(
    restriction=Restriction.CONDITIONAL,
    predicate=Predicate.OPEN_FORBIDDEN,
    name_nl="de CTR {}",
    name_en="the {} CTR",
)
_PROHIBITED: Final = Meaning(
    restriction=Restriction.PROHIBITED,
    predicate=Predicate.ALL_FORBIDDEN,
    name_nl="het verboden gebied {}",
    name_en="the prohibited area {}",
)
_UNDECIDED: Final = Meaning(
    restriction=Restriction.CONDITIONAL,
    predicate=Predicate.UNKNOWN,
    name_nl="het gebied {}",
    name_en="the area {}",
)
_NO_RULE: Final = Meaning(
    restriction=Restriction.NO_RESTRICTION,
    predicate=Predicate.NONE,
    name_nl="het luchtruim {}",
    name_en="the airspace {}",
)
_CLASS_LETTERS: Final = frozenset("ABCDEFG")
_CONTROLLED: Final = frozenset("ABCD")
_NO_TYPE: Final = frozenset({"", "NONE", "UNC", "UNCLASSIFIED", "UNCLASS", "UKN", "OTHER", "CUSTOM"})
_CONDITIONAL: Final = frozenset({"R", "TFR", "OFR", "TRA", "TSA", "N", "NOTAM", "ATZ", "MATZ", "HTZ"})
_MANNED_ONLY: Final = frozenset({
    "Q", "CTR", "GP", "W", "WAVE", "GSEC", "GLIDING", "RMZ", "TMZ", "TRZ", "TMA", "CTA", "LTA", "UTA", "AWY", "MTA",
    "MTR", "ADIZ", "ALERT", "WARNING", "ASRA", "ACCSEC", "FIR", "FIS", "UIR", "TIA", "TIZ", "FIZ", "TRAFR", "VFRR",
    "VFRSEC",
})  # fmt: skip
_CONTROL_ZONE: Final = re.compile(r"\b(?:M?CTR)(?:[ -]?\d{1,2}[A-Z]?\b|\b)")
_ICAO_OF_NL: Final = re.compile(r"\bEH[A-Z]{2}\b")


def meaning(airspace_class: str, airspace_type: str, name: str, *, from_ground: bool) -> tuple[Meaning, str | None]:
    """What an airspace means, and what its owner should know of it. AY counts before AC."""
    word = airspace_class if airspace_type in _NO_TYPE else airspace_type
    if from_ground and (word == "CTR" or (_may_be_control_zone(word) and _CONTROL_ZONE.search(name.upper()))):
        return CONTROL_ZONE, None
    if from_ground and word in _CONTROLLED:
        return CONTROL_ZONE, f"class {word} from the ground, without CTR in its name: taken as a control zone"
    return _elsewhere(word)


def _elsewhere(word: str) -> tuple[Meaning, str | None]:
    """What it means where it is no control zone."""
    if word == "P":
        return _PROHIBITED, None
    if word in (_CLASS_LETTERS | _NO_TYPE | _MANNED_ONLY) - {""}:
        return _NO_RULE, None
    if not word:
        return _UNDECIDED, "no class: nothing is decided here"
    if word in _CONDITIONAL:
        return _UNDECIDED, f"type {word}: its conditions are not in this format: nothing is decided here"
    return _UNDECIDED, f"type {word!r} is not known: nothing is decided here"


def place_of(name: str) -> tuple[str, str]:
    """(name without CTR and the number of its part, ICAO code of a Dutch aerodrome or ""), for the airspace group."""
    upper = name.upper()
    icao = _ICAO_OF_NL.search(upper)
    plain = _ICAO_OF_NL.sub(" ", _CONTROL_ZONE.sub(" ", upper))
    words = " ".join(re.sub(r"\b\d{1,2}\b|[^\w'./ -]", " ", plain).split()).strip(" -/")
    return words.title(), icao[0] if icao else ""


def _may_be_control_zone(word: str) -> bool:
    """Dutch control zones have AC C: asking for CTR alone finds none of them."""
    return word in _CLASS_LETTERS or word in _NO_TYPE
