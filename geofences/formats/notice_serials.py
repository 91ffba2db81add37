"""Serial numbers as people write them into a notice: several in a cell, with words about them, bent by a spreadsheet.

No serial of ANSI/CTA-2063-A holds a comma, slash, blank or line break, so a cell is split there; blanks inside one are
closed where only that gives a serial. What is no such serial but could be one of an older drone is kept, and matches a
drone that says just that. What names a drone and cannot be read is counted: such a notice accuses nobody (book.py).
Whatever was changed or doubted is said. An operator's number is no serial, and its secret part is never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from airspace.model.identity import is_serial
from airspace.model.text import safe_text
from geofences.formats.notice_words import operator_number, quoted
from geofences.notices.serials import key, latin

MOST_LETTERS: Final = 20  # of a UAS ID on the air (ASTM F3411)
_LEAST_LETTERS: Final = 5
_MAKER: Final = 4
_MAKER_AND_LENGTH: Final = 5
_CELL_LETTERS: Final = 20_000
_LEAST_BENT: Final = 1e11  # from here on a spreadsheet writes a number with its exponent
_ZEROS_OF_BENT: Final = 1e5
_SHORTEST_BENT: Final = 15  # digits that a spreadsheet keeps; those behind them become zeros

_NOBODY: Final = re.compile(
    r"\W*(?:n[./ ]?a|n[./ ]?v[./ ]?t|none|null|nil|nan|geen|unknown|onbekend|niet bekend|tbd|tba|ntb|volgt|later|x+|"
    r"0+)?\W*",
    re.IGNORECASE,
)
_BENT: Final = re.compile(r"\d+(?:[.,]\d+)?E\+\d+|\d+[.,]\d+E-?\d+", re.IGNORECASE)
_FRACTION: Final = re.compile(r"(?<![\w.,])(\d+)[.,]0+(?![\w.,])")
_LABEL: Final = re.compile(
    r"\b(?:serial(?:\s*-?\s*(?:numbers?|nrs?|nos?))?|serie\s*-?\s*(?:nummers?|nrs?|no)|s\s*/?\s*n|uas\s*-?\s*id|rid|"
    r"remote\s*id|drones?|uas|uav|nrs?|no|nummers?|numbers?)\b\.?\s*(?:[:#=]|(?=\s)|$)",
    re.IGNORECASE,
)
_PARTED: Final = re.compile(
    r"[,;/\\|+&\r\n\t\v\f\x85\u2028\u2029]|\b(?:en|and|und|et|plus|of|or|ou|oder)\b", re.IGNORECASE
)
_BREAK: Final = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
_DRESSING: Final = re.compile(r"[^0-9A-Z]+")
_ASCII_WORD: Final = re.compile(r"[0-9A-Z]+")
_GLUED_LABEL: Final = re.compile(r"^(?:SERIALNUMBER|SERIENUMMER|SERIALNO|SERIENR|SERIAL|SN)")
_DASHES: Final = r"[-\u2010-\u2015\u2212~\u2192>]"
_SPACED_DASH: Final = re.compile(rf"(?<=[0-9A-Za-z])[ \t\u00a0]*{_DASHES}+[ \t\u00a0]*(?=[0-9A-Za-z])")
_DASH_OR_DOTS: Final = re.compile(rf"{_DASHES}|\.{{2,}}|\u2026|:")
_SIGN_ALONE: Final = re.compile(rf"\s*(?:{_DASHES}+|\.{{2,}}|\u2026)\s*")
_TOKEN: Final = re.compile(r"[^\s,;/\\|]+")
_SHORT: Final = re.compile(r"\d{1,10}[Xx*?]*")
_RANGE_WORD: Final = re.compile(
    r"\b(?:tot\s+en\s+met|t\s?[./&]\s?m|tot|to|until|till|thru|through|bis|up|hoger|higher|oplopend|reeks|range|"
    r"etc|enz|e\.?\s?v|e\.?\s?a|ff|alle|all|any|iedere|every)\b\.?|\.{2,}|\u2026",
    re.IGNORECASE,
)
_JOKER: Final = re.compile(r"\w[*%#]|\w\?(?:\?|\W|$)|\w_{2,}")
_JOKER_LETTERS: Final = re.compile(r"XX$|XXX")

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serials:
    """What a notice says of its drones; ``unread`` of them are named in a way that nobody can read."""

    found: tuple[str, ...] = ()
    unread: int = 0


def read(cells: Sequence[str | float], note: Note) -> Serials:
    """The serials of some cells, each once, as CTA-2063-A spells them; ``note`` is told what was taken or doubted."""
    reader = _Reader(note)
    for place, cell in enumerate(cells):
        if 0 < place < len(cells) - 1 and isinstance(cell, str) and _SIGN_ALONE.fullmatch(cell):
            reader.between(cell)
        else:
            reader.cell(cell)
    return Serials(found=tuple(dict.fromkeys(reader.found)), unread=reader.unread)


def sound(cells: Sequence[str]) -> tuple[str, ...]:
    """The serials of CTA-2063-A in some cells that are not for serials."""
    maybe = [each for each in cells if len(each) > _MAKER_AND_LENGTH and any(letter.isdigit() for letter in each)]
    return tuple(each for each in read(maybe, lambda _: None).found if is_serial(each))


def why_not(word: str) -> str:
    """Why a word is no serial of CTA-2063-A."""
    if len(word) > MOST_LETTERS:
        return f"it has {len(word)} characters, a serial at most {MOST_LETTERS}"
    if len(word) <= _MAKER_AND_LENGTH:
        return f"it has {len(word)} characters, a serial at least {_MAKER_AND_LENGTH + 1}"
    length = word[_MAKER_AND_LENGTH - 1]
    if length not in "123456789ABCDEF":
        return f"its fifth character is {length}, which says no length (1-9, A-F)"
    said, has = int(length, 16), len(word) - _MAKER_AND_LENGTH
    digits = "; digits alone: has a spreadsheet dropped zeros or letters?" if word.isdigit() else ""
    return f"its fifth character says that {said} follow, and {has} do{digits}"


class _Reader:
    def __init__(self, note: Note) -> None:
        self._note = note
        self.found: list[str] = []
        self.unread = 0

    def cell(self, cell: str | float) -> None:
        """One cell, or one entry of a list."""
        text = _plain(cell)
        if _NOBODY.fullmatch(text):
            if text.strip(" \"'=-"):
                self._note(f"serial: {quoted(text)} names no drone")
            return
        text = self._ranges(_FRACTION.sub(r"\1", _BENT.sub(self._bent, text)))
        whole = self._whole(text)
        if whole:
            self._take(whole)
            return
        for part in _PARTED.split(_LABEL.sub(" ", text)):
            if not _NOBODY.fullmatch(part):
                self._part(part)

    def between(self, sign: str) -> None:
        """A sign that stands between two cells: what is meant by it nobody can read."""
        self._cannot(f"serial: {quoted(sign)} names a range or a series: name each drone")

    def _bent(self, found: re.Match[str]) -> str:
        self._cannot(f"serial: {quoted(found[0])} is a number that a spreadsheet made of a serial: {_AS_TEXT}")
        return ","

    def _ranges(self, text: str) -> str:
        """The ends of a range as drones each; those between them nobody can read."""
        text = _SPACED_DASH.sub("-", text)
        made = _TOKEN.sub(lambda found: _ends(found[0]) or found[0], text)
        parted = _RANGE_WORD.sub(",", made)
        if parted != text:
            self._cannot(f"serial: {quoted(text)} names a range or a series: name each drone")
        if _JOKER.search(text):
            self._cannot(f"serial: {quoted(text)} holds signs that stand for others: name each drone")
        return parted

    def _take(self, serial: str) -> None:
        if _JOKER_LETTERS.search(serial):
            self._cannot(f"serial: {quoted(serial)} holds an X for more than one letter, it seems: name each drone")
        self.found.append(serial)

    def _whole(self, text: str) -> str | None:
        """A cell that is one serial as it stands: no word in it is looked at."""
        return word if is_serial(word := latin(text.strip(" \"'=:"))) else None

    def _part(self, part: str) -> None:
        number, rest = operator_number(part)
        if number is not None and not is_serial(key(part)):
            self._note(f"serial: {quoted(number)} is an operator's number, not a drone's: not taken")
            part = rest
        words = [word for each in part.split() if (word := _DRESSING.sub("", latin(each)))]
        strange = [each for each in part.split() if not _ASCII_WORD.search(latin(each)) and any(map(str.isalnum, each))]
        taken = list(self._grouped(words))
        sound = [one for one, _ in taken if one is not None]
        for one in sound:
            self._take(one)
        for (before, _), (_, odd) in pairwise([(None, None), *taken]):
            if odd is not None and before is not None and _SHORT.fullmatch(odd):
                self._cannot(f"serial: {quoted(odd)} behind {before} may be another drone: write its serial in full")
            elif odd is not None:
                self._odd(odd, beside=bool(sound))
        for odd in strange:
            self._cannot(f"serial: {quoted(odd)} has letters that no serial has")

    def _grouped(self, words: list[str]) -> Iterator[tuple[str | None, str | None]]:
        """(serial, None) or (None, word that is none); words that make a serial only together are one."""
        first = 0
        while first < len(words):
            for last in range(_farthest(words, first), first, -1):
                serials = self._serials_of("".join(words[first:last]), joined=last - first > 1)
                if serials:
                    yield from ((serial, None) for serial in serials)
                    first = last
                    break
            else:
                yield None, words[first]
                first += 1

    def _serials_of(self, word: str, *, joined: bool) -> list[str]:
        spellings = ((each, key(each)) for each in (word, _GLUED_LABEL.sub("", word)))
        for written, spelled in spellings:
            if is_serial(spelled):
                if joined:
                    self._note(f"serial: the blanks in {quoted(spelled)} left out")
                if spelled != written:
                    self._note(f"serial: {quoted(written)} taken as {spelled}: no serial holds an O or an I")
                return [spelled]
        pair = [] if joined else _two(key(word))
        if pair:
            self._note(f"serial: {quoted(word)} taken as {' and '.join(pair)}")
        return pair

    def _odd(self, word: str, *, beside: bool) -> None:
        named = any(letter.isdigit() for letter in word) and len(word) >= _LEAST_LETTERS
        if not named and beside:
            self._note(f"serial: {quoted(word)} is none: passed over")
        elif not named or len(word) > MOST_LETTERS:
            self._cannot(f"serial: {quoted(word)} cannot be one: {why_not(word)}")
        else:
            self.found.append(word)
            hint = f": {_AS_TEXT}" if word.isdigit() and len(word) >= _SHORTEST_BENT else ""
            why = f"{quoted(word)} is none of CTA-2063-A ({why_not(word)}){hint}"
            self._note(f"serial: {why}; kept, for a drone that says just that")

    def _cannot(self, what: str) -> None:
        self.unread += 1
        self._note(what)


_AS_TEXT: Final = "give its column the type Text and enter it anew"


def _ends(token: str) -> str | None:
    """Two ends of a range with a sign between them, parted; None where a word is no range."""
    if is_serial(key(token)):
        return None
    for sign in _DASH_OR_DOTS.finditer(token):
        first, last = token[: sign.start()], token[sign.end() :]
        if is_serial(key(first)) and (is_serial(key(last)) or _SHORT.fullmatch(last.strip("\"'()[]."))):
            return f"{first},{last}"
    return None


def _farthest(words: list[str], first: int) -> int:
    """Behind the last word that may belong to one serial with its label, or to two, that begins with the first."""
    last, letters = first + 1, len(words[first])
    while last < len(words) and letters + len(words[last]) <= 2 * MOST_LETTERS:
        letters += len(words[last])
        last += 1
    return last


def _two(word: str) -> list[str]:
    """Two serials of one maker with nothing between them: the first says how long it is."""
    if len(word) > 2 * MOST_LETTERS:
        return []
    for cut in range(_MAKER_AND_LENGTH + 1, len(word) - _MAKER_AND_LENGTH):
        if is_serial(word[:cut]) and is_serial(word[cut:]) and word[:_MAKER] == word[cut : cut + _MAKER]:
            return [word[:cut], word[cut:]]
    return []


def _rounded(number: float) -> bool:
    """Whether a number looks like what is left of a serial's digits: 1.588e13."""
    return abs(number) >= _LEAST_BENT and number % _ZEROS_OF_BENT == 0


def _plain(cell: str | float) -> str:
    """The cell's text, without what cannot be seen; line breaks stay, for they part."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**_SHORTEST_BENT and not _rounded(cell):
        cell = int(cell)
    text = f"{cell:.12E}" if isinstance(cell, float) else str(cell)
    lines = (safe_text(line, _CELL_LETTERS) or "" for line in _BREAK.split(text[:_CELL_LETTERS]))
    return "\n".join(lines).strip()
