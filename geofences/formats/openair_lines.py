"""The lines of an OpenAir file to its airspaces, and what was passed over, with its count.

An airspace begins with AC, in some files with the AN before it. A fault stays in its airspace: the lines after it are
read on, so that what stands behind it is sound. Remarks begin with ``*`` or ``;``. What is neither geometry (D*, V) nor
a limit (AL, AH) says nothing about where an airspace is and is passed over; an unknown record that holds coordinates,
or begins with D, may be a corner of it and is never skipped: without its arc, Schiphol's control zone is a sliver.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from airspace.model.text import safe_text
from geofences.formats import openair_places
from geofences.formats.openair_block import HANDLERS, Block, word
from geofences.formats.openair_hours import CODES as HOURS

MAX_AIRSPACES: Final = 20_000
MAX_POINTS: Final = 2_000_000  # of all airspaces, arcs drawn
MAX_CODES: Final = 20  # so many kinds of unknown records are told by name
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_RECORD: Final = re.compile(r"([Vv](?=\s*[A-Za-z]\s*=)|[A-Za-z]{1,3}!?(?=[\s\d:=-]|$))(.*)")
_REMARK: Final = re.compile(r"[*;]|^\s*(?:#|//)")
_NAME_REMARK: Final = re.compile(r"\*|(?:^|\s);")  # a name may hold a semicolon
_STYLES: Final = frozenset({"SP", "SB"})
_PASSED_OVER: Final = frozenset({"AT", "AX", "SP", "SB"})
_TERRAIN: Final = frozenset({"TO", "TC"})
_OTHER: Final = "other"


class TooMuchError(ValueError):
    """A file larger than any that is meant; it names the line."""


@dataclass(slots=True)
class Lines:
    """The airspaces of a file while its lines are read. ``unknown`` counts what was passed over, by record."""

    blocks: list[Block] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    points: int = 0
    terrain: bool = False

    def take(self, line: str, number: int) -> None:
        """One line."""
        code, rest = _record(line)
        if not code:
            return
        if code == "AC":
            self._begin_with_class(rest, number)
        elif code in _TERRAIN:
            self.terrain = not self.blocks or self.blocks[-1].has_outline  # its points are not this airspace's
        elif not (self.terrain and code[0] in "DV"):
            self._take_record(code, rest, number)
        if len(self.blocks) > MAX_AIRSPACES or self.points > MAX_POINTS:
            raise TooMuchError(f"line {number}: more than {MAX_AIRSPACES} airspaces or {MAX_POINTS} points")

    def _begin_with_class(self, rest: str, number: int) -> None:
        last = self.blocks[-1] if self.blocks else None
        is_named = last is not None and last.airspace_class is None and not last.has_outline
        before = self.blocks.pop() if is_named else None
        self.blocks.append(Block(line=number, airspace_class=word(rest), before=before))
        self.terrain = False

    def _take_record(self, code: str, rest: str, number: int) -> None:
        if code == "AN" and (not self.blocks or self.blocks[-1].has_outline):
            self.blocks.append(Block(line=number))
            self.terrain = False
        block = self.blocks[-1] if self.blocks else None
        if block is None:
            self._pass_over(code)
        elif code in _STYLES:
            block.is_styled = True
        elif code in HOURS:
            block.hours.append((code, rest))
        elif code not in _PASSED_OVER:
            self._draw(block, code, rest, number)

    def _draw(self, block: Block, code: str, rest: str, number: int) -> None:
        """A record that may say where the airspace is."""
        handler = HANDLERS.get(code)
        if handler is None:
            if code[0] == "D" or openair_places.holds_places(rest):
                block.fault(f"line {number}: {code} is not known, and may be geometry")
            else:
                self._pass_over(code)
            return
        try:
            handler(block, rest, number)
        except ValueError as error:
            block.fault(f"line {number}: {code} {safe_text(str(error), 200)}")
        if code[0] == "D" and block.pieces:
            self.points += len(block.pieces[-1].points)

    def _pass_over(self, code: str) -> None:
        known = code in self.unknown or len(self.unknown) < MAX_CODES
        self.unknown[code if known else _OTHER] += 1


def blocks_of(text: str) -> Lines:
    """All lines of a text; what each airspace lacks is not looked at yet."""
    lines = Lines()
    for number, line in enumerate(_LINE_END.split(text), 1):
        lines.take(line, number)
    lines.blocks = _doubted([one for block in lines.blocks for one in _whole(block)])
    return lines


def _whole(block: Block) -> list[Block]:
    """A name before AC is the airspace's own, unless another follows AC."""
    before, block.before = block.before, None
    if before is None:
        return [block]
    if block.name is not None:
        return [before, block]
    block.adopt(before)
    return [block]


def _doubted(blocks: list[Block]) -> list[Block]:
    """A name that began an airspace and was followed by no class may have been another name of the one before."""
    for nth, block in enumerate(blocks):
        if block.airspace_class is None:
            block.fault("no class (AC)")
            if nth:
                blocks[nth - 1].fault(
                    f"line {block.line}: AN without AC: where the airspace before it ends is not known"
                )
    return blocks


def _record(line: str) -> tuple[str, str]:
    """(code, rest) of a line without its remark; ("", "") of an empty one. Other text is its first word."""
    is_name = line.lstrip()[:2].upper() == "AN"
    remark = (_NAME_REMARK if is_name else _REMARK).search(line)
    plain = (line[: remark.start()] if remark else line).strip()
    match = _RECORD.fullmatch(plain)
    if match is not None:
        return match[1].upper(), match[2].strip()
    return (safe_text(plain.split(maxsplit=1)[0], 20) or "?", plain) if plain else ("", "")
