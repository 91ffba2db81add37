"""Numbers in the cells of a list of notices: with a decimal point, or a decimal comma where no comma parts cells.

A point or comma before three digits alone may be either sign. In degrees it can only be the decimal one; else it is
what the other numbers of the list show, and where these are of the other kind the cell is refused, not guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from geofences.formats.notice_words import quoted

DEGREES: Final = frozenset({"latitude_deg", "longitude_deg", "polygon"})
COLUMNS: Final = ("latitude_deg", "longitude_deg", "radius_m", "lower_m", "upper_m")
_SPACES: Final = re.compile(r"(?<=\d)[\s\u00a0\u2009\u202f'\u2019](?=\d{3}(?:\D|$))")
_UNIT: Final = re.compile(r"\s*(?:m|meter|metres?|°|deg)\.?\s*$", re.IGNORECASE)
_BOTH_DUTCH: Final = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+")
_BOTH_ENGLISH: Final = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+\.\d+")
_GROUPS: Final = re.compile(r"[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")
_OPEN: Final = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_DECIMAL: Final = re.compile(r"[-+]?\d+([.,])\d+")


class Numbers:
    """Reads the numbers of one list, by what its cells show."""

    def __init__(self, *, commas_part: bool, rows: Iterable[Mapping[str, str]] = ()) -> None:
        self._commas_part = commas_part
        self._signs = frozenset() if commas_part else frozenset(_signs(rows))

    @property
    def with_commas(self) -> bool:
        """Whether some number of the list has a decimal comma."""
        return "," in self._signs

    def number(self, text: str, column: str) -> float:
        """The number in a cell; ValueError names its column."""
        plain = self._pointed(_bare(text), text, column)
        try:
            value = float(plain)
        except ValueError as error:
            raise ValueError(f"{column}: {quoted(text)} is no number{self._hint(plain)}") from error
        if not math.isfinite(value):
            raise ValueError(f"{column}: {value} is no number")
        return value

    def whole(self, text: str, column: str) -> int:
        """The whole number in a cell; ``1,0`` and ``1.0`` are what a spreadsheet makes of one."""
        try:
            value = self.number(text, column)
        except ValueError as error:
            raise ValueError(f"{column}: {quoted(text)} is no whole number") from error
        if not value.is_integer():
            raise ValueError(f"{column}: {quoted(text)} is no whole number")
        return int(value)

    def _pointed(self, plain: str, text: str, column: str) -> str:
        if self._commas_part:
            return plain
        if _BOTH_DUTCH.fullmatch(plain):
            return plain.replace(".", "").replace(",", ".")
        if _BOTH_ENGLISH.fullmatch(plain):
            return plain.replace(",", "")
        if _GROUPS.fullmatch(plain):
            return plain.replace(".", "").replace(",", "")
        if _OPEN.fullmatch(plain) and column not in DEGREES:
            sign, other = (",", ".") if "," in plain else (".", ",")
            if other in self._signs:
                whole, part = plain.split(sign)
                raise ValueError(
                    f"{column}: {quoted(text)} can be {whole}{part} or {whole}{other}{part}: write it without {sign!r}"
                )
        return plain.replace(",", ".")

    def _hint(self, plain: str) -> str:
        comma = self._commas_part and _DECIMAL.fullmatch(plain) is not None and "," in plain
        return ": write a decimal point, or part the cells with semicolons" if comma else ""


def _bare(text: str) -> str:
    return _UNIT.sub("", _SPACES.sub("", text.strip().replace("\u2212", "-")))


def _signs(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The decimal signs that cannot be anything else."""
    for row in rows:
        for column in COLUMNS:
            plain = _bare(row.get(column, ""))
            found = _DECIMAL.fullmatch(plain)
            if found and (column in DEGREES or not _OPEN.fullmatch(plain)):
                yield found[1]
            elif _BOTH_DUTCH.fullmatch(plain):
                yield ","
            elif _BOTH_ENGLISH.fullmatch(plain):
                yield "."
