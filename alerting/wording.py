"""The words that sentences are made of: places, times, distances, numbers, in Dutch and English.

Numbers rounded to what is known, times as on the clock in Amsterdam.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from airspace.model.verdict import VerdictValue
from alerting.facts import Facts

Pair = tuple[str, str]  # Dutch, English

LOCAL: Final = ZoneInfo("Europe/Amsterdam")
UNNAMED: Final = ("dit gebied", "this area")
_PREPOSITIONS: Final = frozenset({"above", "at", "bij", "boven", "in", "inside", "near", "op", "over"})
_MONTHS_NL: Final = ("jan", "feb", "maart", "april", "mei", "juni", "juli", "aug", "sept", "okt", "nov", "dec")
_MONTHS_EN: Final = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
_NUMBERS_NL: Final = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien")
_NUMBERS_EN: Final = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def not_allowed(facts: Facts) -> Pair:
    """The opening words, as sure as the verdict is."""
    if facts.value is VerdictValue.VIOLATION:
        return "Niet toegestaan", "Not allowed"
    if facts.value is VerdictValue.SUSPECTED:
        return "Waarschijnlijk niet toegestaan", "Probably not allowed"
    return "Onzeker", "Unsure"


def where(facts: Facts) -> Pair:
    """The place with its preposition: "in de CTR Schiphol", "boven het publiek in de ArenA"."""
    return _within(facts.name_nl or UNNAMED[0]), _within(facts.name_en or UNNAMED[1])


def _within(name: str) -> str:
    return f"in {name}" if is_plain(name) else name


def is_plain(name: str) -> bool:
    """Whether the name of a place has no preposition of its own."""
    return name.split(maxsplit=1)[0].lower() not in _PREPOSITIONS


def clock(time_s: float, now_s: float) -> Pair:
    """As in "om 21:00"; with the date when that is not today."""
    local, today = datetime.fromtimestamp(time_s, LOCAL), datetime.fromtimestamp(now_s, LOCAL)
    at = f"{local:%H:%M}"
    if local.date() == today.date():
        return f"om {at}", f"at {at}"
    return (
        f"op {local.day} {_MONTHS_NL[local.month - 1]} om {at}",
        f"on {local.day} {_MONTHS_EN[local.month - 1]} at {at}",
    )


def duration(seconds: float) -> Pair:
    """Seconds up to two minutes, minutes up to two hours, then hours."""
    if round(seconds) == 1:
        return "1 seconde", "1 second"
    if seconds < 120.0:  # noqa: PLR2004 two minutes
        return f"{seconds:.0f} seconden", f"{seconds:.0f} seconds"
    if seconds < 7200.0:  # noqa: PLR2004 two hours
        return f"{seconds / 60.0:.0f} minuten", f"{seconds / 60.0:.0f} minutes"
    return f"{seconds / 3600.0:.0f} uur", f"{seconds / 3600.0:.0f} hours"


def metres_of(facts: Facts) -> Pair:
    """The distance with a blank after it; empty when it is not known."""
    nl, en = long(facts.notice_gap.metres if facts.notice_gap else None, "", "")
    return (f"{nl} ", f"{en} ") if nl else ("", "")


def long(metres: object, unknown_nl: str, unknown_en: str) -> Pair:
    """A distance to the nearest ten metres, or tenth of a kilometre."""
    if not isinstance(metres, int | float):
        return unknown_nl, unknown_en
    if metres >= 1000.0:  # noqa: PLR2004 one kilometre
        kilometres = f"{metres / 1000.0:.1f}"
        return f"{kilometres.replace('.', ',')} km", f"{kilometres} km"
    rounded = max(10, 10 * round(metres / 10.0))
    return f"{rounded} m", f"{rounded} m"


def count(number: int) -> Pair:
    """In words up to ten."""
    return (_NUMBERS_NL[number], _NUMBERS_EN[number]) if number < len(_NUMBERS_NL) else (str(number), str(number))


def large(number: int) -> Pair:
    """With its thousands apart, as each language writes it."""
    english = f"{number:,}"
    return english.replace(",", "."), english


def capital(text: str) -> str:
    """With a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]
