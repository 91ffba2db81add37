"""What people read of the spoof signs, in Dutch (B1) and English: half a sentence each, the most telling first."""

from __future__ import annotations

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


def sign_words(remarks: int) -> list[tuple[str, str]]:
    """(Dutch, English) of each sign in a set."""
    return [words for sign, words in _WORDS.items() if remarks & sign]
