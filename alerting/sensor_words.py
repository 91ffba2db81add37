"""What sensors say of themselves, in Dutch and English that an officer understands.

The words are those that the formats give (``receivers/formats/condition.py``); what is not known here is said as the
sensor says it.
"""

from __future__ import annotations

from typing import Final

from alerting.wording import Pair

MAX_LETTERS: Final = 48  # of a sensor's own words in a sentence
_WORDS: Final[dict[str, Pair]] = {
    "invalid license": ("licentie ongeldig", "invalid license"),
    "invalid licence": ("licentie ongeldig", "invalid licence"),
    "error": ("storing", "fault"),
    "tamper": ("er is aan geknoeid", "tampered with"),
    "goodbye": ("gaat uit", "going off"),
    "offline": ("niet verbonden", "not connected"),
    "away": ("niet aanwezig", "not there"),
    "blind": ("hoort niets", "hears nothing"),
    "not detecting": ("detecteert niet", "not detecting"),
    "internal fault": ("storing in de sensor", "fault in the sensor"),
    "external fault": ("storing buiten de sensor", "fault outside the sensor"),
    "no active receiver": ("geen ontvanger actief", "no active receiver"),
    "no new message": ("geen nieuw bericht", "no new message"),
    "0 messages since its start": ("nog geen enkel bericht ontvangen", "no message received since its start"),
    "0 messages in the last minute": ("geen bericht in de laatste minuut", "no message in the last minute"),
}


def sensor_words(says: str) -> Pair:
    """Each of its words, with commas between; cut where it is long."""
    pairs = [_pair(word.strip()) for word in says.split(",") if word.strip(" .")]
    nl, en = (", ".join(words) for words in zip(*pairs, strict=True)) if pairs else _WORDS["blind"]
    return _cut(nl), _cut(en)


def _pair(word: str) -> Pair:
    """A known word, or a known one with details behind a colon, else the word itself."""
    known, colon, rest = word.partition(": ")
    nl, en = _WORDS.get(known.lower(), (known, known))
    return f"{nl}{colon}{rest}", f"{en}{colon}{rest}"


def _cut(text: str) -> str:
    """At a blank, and marked as cut."""
    plain = text.rstrip(" .")
    head = plain[:MAX_LETTERS]
    return plain if len(plain) <= MAX_LETTERS else f"{(head.rpartition(' ')[0] or head).rstrip(' ,.:')} (...)"
