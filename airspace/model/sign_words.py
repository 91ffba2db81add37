"""What people read of the spoof signs, in Dutch (B1) and English: half a sentence each, the most telling first.

And what they come to, in words understood at once: how many, weak or strong, and whether the signal is doubted.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from airspace.model.track import Remark

_WORDS: Final[dict[Remark, tuple[str, str]]] = {
    Remark.IDENTITY_CONFLICT: (
        "dezelfde drone is op twee plekken tegelijk gehoord",
        "the same drone is heard in two places at once",
    ),
    Remark.SHARED_TRANSMITTER: ("één zender noemt meer dan één drone", "one transmitter names more than one drone"),
    Remark.SHARED_COUNTER: (
        "meer dan één drone zendt met dezelfde teller, en die staat stil",
        "several drones send with the same counter, and it stands still",
    ),
    Remark.TOO_FAST: ("de drone verplaatst zich sneller dan kan", "the drone moves faster than is possible"),
    Remark.FROZEN_TIME: (
        "de drone beweegt, maar de tijd in het signaal staat stil",
        "the drone moves, but the time in the signal stands still",
    ),
    Remark.FROZEN_COUNTER: (
        "de drone beweegt, maar de teller in het signaal staat stil",
        "the drone moves, but the counter in the signal stands still",
    ),
    Remark.OUT_OF_RANGE: (
        "vanaf de plek die het noemt kan geen sensor het horen",
        "no sensor can hear it from the place that it names",
    ),
    Remark.UNHEARD_NEARER: (
        "sensoren vlak bij de genoemde plek horen de drone niet",
        "sensors close to the place that it names do not hear the drone",
    ),
    Remark.LEVEL_UNMOVED: (
        "de sterkte van het signaal past niet bij de genoemde plek",
        "the strength of the signal does not fit the place that it names",
    ),
    Remark.OPERATOR_FAR: (
        "de piloot staat volgens het signaal te ver weg",
        "the pilot is too far away, by what the signal says",
    ),
    Remark.SPEED_MISMATCH: ("de genoemde snelheid klopt niet", "the speed it names is not right"),
    Remark.GROUND_MOVING: (
        "de drone beweegt en zegt dat hij op de grond staat",
        "the drone moves and says that it is on the ground",
    ),
    Remark.SERIAL_INVALID: (
        "het serienummer heeft niet de juiste vorm",
        "the serial number is not of the right form",
    ),
    Remark.SKEW: ("de tijd in het signaal klopt niet", "the time in the signal is not right"),
}


_HONEST_NL: Final[dict[Remark, str]] = {
    Remark.SKEW: "een drone zonder satellieten, waarvan de klok niet gelijk loopt; een sensor die te laat doorgeeft",
    Remark.FROZEN_TIME: "een drone die de tijd nooit invult",
    Remark.FROZEN_COUNTER: "een drone die zijn berichten niet telt",
    Remark.TOO_FAST: "een drone die even zijn plek kwijt is; een racedrone",
    Remark.SPEED_MISMATCH: "een snelheid in km/u, of altijd nul; een plek die stilstaat zonder satellieten",
    Remark.GROUND_MOVING: "aangezet in een auto; een drone die altijd zegt dat hij staat",
    Remark.OPERATOR_FAR: "bestuurd via een mobiel netwerk; een vast adres in plaats van de plek van de piloot",
    Remark.SHARED_TRANSMITTER: "een zender die doorgeeft wat hij van andere drones hoort",
    Remark.SHARED_COUNTER: "drones van één soort die allemaal hetzelfde vaste getal zenden",
    Remark.SERIAL_INVALID: "een zelfgebouwde drone, of een los kastje waarop de eigenaar zelf iets invulde",
    Remark.IDENTITY_CONFLICT: "geen bekend; de echte drone krijgt deze aanwijzing ook",
    Remark.OUT_OF_RANGE: "een sensor die met een verkeerde plek is ingevoerd",
    Remark.UNHEARD_NEARER: "twee sensoren achter huizen; berichten die een overladen sensor niet kon verwerken",
    Remark.LEVEL_UNMOVED: "een route waarop huizen hem dichtbij verbergen en ver weg niet, bij drie sensoren tegelijk",
}

STRONG_FROM: Final = 0.7
"""What two signs of middle score, 0.4 and 0.5, come to; one sign alone only where few honest things show it."""

SCALE: Final = (
    "Dit zet signalen op volgorde. Het is een oordeel, geen kans.",
    "This ranks signals. It is a judgement, not a probability.",
)


class Strength(StrEnum):
    """A score in a word."""

    WEAK = "weak"
    STRONG = "strong"


_STRENGTH_NL: Final = {Strength.WEAK: "zwak", Strength.STRONG: "sterk"}


def honest_in_dutch(sign: Remark) -> str:
    """What honest thing shows this sign too; in English it stands with the sign itself."""
    return _HONEST_NL[sign]


def strength(score: float) -> Strength:
    """A score in a word, as people tell it: in hundredths."""
    return Strength.STRONG if round(score, 2) >= STRONG_FROM else Strength.WEAK


def judgement_words(signs: int, score: float, *, suspect: bool) -> tuple[str, str]:
    """(Dutch, English): how many signs, how strong together, and what that means."""
    if not signs:
        return "Geen aanwijzing dat het signaal niet klopt.", "No sign that the signal is not what it says."
    how = strength(score)
    nl = f"{signs} aanwijzing{'en' if signs > 1 else ''}, {_STRENGTH_NL[how]}"
    en = f"{signs} sign{'s' if signs > 1 else ''}, {how}"
    if suspect:
        return f"{nl}: signaal niet betrouwbaar.", f"{en}: signal not reliable."
    if signs == 1:
        return f"{nl}: één aanwijzing is geen vermoeden.", f"{en}: one sign is no suspicion."
    return f"{nl}: van één soort, dat is geen vermoeden.", f"{en}: of one kind, that is no suspicion."


def sign_words(remarks: int) -> list[tuple[str, str]]:
    """(Dutch, English) of each sign in a set."""
    return [words for sign, words in _WORDS.items() if remarks & sign]
