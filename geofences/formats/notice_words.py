"""Words of notices that anybody may write anywhere: cleaned, and the secret part of an operator's number taken out.

An EU operator registration number is three letters of the state and thirteen characters, of which the last is a check
digit; three secret characters may follow a hyphen. They prove who somebody is, so they are never stored nor repeated.
"""

from __future__ import annotations

import re
from typing import Final

from airspace.model.identity import public_operator_id
from airspace.model.text import safe_text

# members of the EU, the EEA and Switzerland, and the United Kingdom: ISO 3166-1 alpha-3
_STATES: Final = (
    "AUT|BEL|BGR|CHE|CYP|CZE|DEU|DNK|ESP|EST|FIN|FRA|GBR|GRC|HRV|HUN|IRL|ISL|ITA|LIE|LTU|LUX|LVA|MLT|NLD|NOR|POL|PRT|"
    "ROU|SVK|SVN|SWE"
)
_DASH: Final = r"[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_SECRET: Final = rf"{_DASH}[0-9a-z]{{1,16}}|\s?{_DASH}\s?[0-9a-z]{{3}}|[_/.]?[0-9a-z]{{3}}|\s[0-9a-z]{{3}}"
_NUMBER: Final = re.compile(
    rf"(?<![0-9a-z])({_STATES})\s?{_DASH}?\s?([0-9a-z]{{13}})(?:{_SECRET})?(?![0-9a-z])", re.IGNORECASE
)
_LETTER_AND_DIGIT: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])")


def public(text: str) -> str:
    """The text with no operator's secret in it."""
    return _NUMBER.sub(lambda found: _public(found) or found[0], text)


def operator_number(text: str) -> tuple[str | None, str]:
    """The public part of an operator's number in a text, None if there is none, and the rest of the text."""
    for found in _NUMBER.finditer(text):
        number = _public(found)
        if number is not None:
            return number, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _public(found: re.Match[str]) -> str | None:
    body = found[2]
    if not _LETTER_AND_DIGIT.match(body):
        return None  # a word of thirteen letters, or a number
    return f"{found[1].upper()}{body}"


def registration(word: str | None) -> str | None:
    """The public part of an operator's number, however it is dressed; of another state's number what may be kept."""
    clean = safe_text(word or "") or ""
    number, _ = operator_number(clean)
    return number or public_operator_id(clean) or None


def quoted(word: str) -> str:
    """What was written, clean, for an error message."""
    return repr(text(word) or "")


def text(word: str | None, letters: int | None = None) -> str | None:
    """Clean text, or None."""
    if not word:
        return None
    whole = public(safe_text(word, max(len(word), 1)) or "")
    return safe_text(whole) if letters is None else safe_text(whole, letters)
