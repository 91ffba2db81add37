"""Forms of identity: what a serial number and an operator number look like.

CTA-2063-A serial: four characters of maker code, one length character (1-9, A-F: 1 to 15), then that many characters.
Digits and capitals without O and I. A well-formed serial says nothing about who holds the drone.
"""

from __future__ import annotations

import re
from typing import Final

_SERIAL: Final = re.compile(r"^[0-9A-HJ-NP-Z]{4}([1-9A-F])([0-9A-HJ-NP-Z]{1,15})$")
_OPERATOR_EU: Final = re.compile(r"^[A-Z]{3}[0-9a-zA-Z]{13}$")
OPERATOR_PUBLIC_CHARACTERS: Final = 16  # three letters of the state and thirteen characters; what follows is secret


def is_serial(text: str | None) -> bool:
    """Whether a text has the form of ANSI/CTA-2063-A."""
    if text is None:
        return False
    match = _SERIAL.match(text)
    return match is not None and len(match[2]) == int(match[1], 16)


def is_operator_id(text: str | None) -> bool:
    """Whether a text has the form of the public part of an EU operator registration number."""
    return text is not None and _OPERATOR_EU.match(text) is not None


def public_operator_id(text: str) -> str:
    """The part of an operator number that may be kept: secret characters after it are dropped."""
    return text.split("-", 1)[0][:OPERATOR_PUBLIC_CHARACTERS]
