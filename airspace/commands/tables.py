"""Rows for people: a table where it fits, else a block a row. Nothing in it is ever cut, whatever the width.

In a pipe a table is as wide as it has to be. Rich's own tables cut figures where they do not fit, and a figure that is
cut is another figure.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final

from rich.cells import cell_len

from airspace.model.text import safe_text

_GAP: Final = "  "
_MOST: Final = 10_000  # letters of a cell: more than any field may have


def lines_of(rows: Sequence[dict[str, Any]], width: int | None) -> list[str]:
    """The rows, all with the keys of the first, within ``width`` columns if they can be; None is no limit."""
    if not rows:
        return []
    names = [name.replace("_", " ") for name in rows[0]]
    cells = [[_cell(value) for value in row.values()] for row in rows]
    right = [all(_is_number(row[name]) for row in rows) for name in rows[0]]
    table = _table(names, cells, right, fold=width is not None)
    if width is None or max(map(cell_len, table)) <= width:
        return table
    return _blocks(names, cells)


def show(rows: Sequence[dict[str, Any]], empty: str) -> None:
    """Print rows as this standard output can take them; ``empty`` says what it means that there are none."""
    width = shutil.get_terminal_size().columns if _is_terminal() else None
    for line in lines_of(rows, width) or [empty]:
        sys.stdout.write(f"{line}\n")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _table(names: list[str], cells: list[list[str]], right: list[bool], *, fold: bool) -> list[str]:
    columns = zip(names, zip(*cells, strict=True), strict=True)
    widths = [max(map(cell_len, (*(name.split() if fold else [name]), *column))) for name, column in columns]
    heads = [_folded(name, width) for name, width in zip(names, widths, strict=True)]
    height = max(map(len, heads))
    heads = [[""] * (height - len(head)) + head for head in heads]
    rows = [*map(list, zip(*heads, strict=True)), ["-" * width for width in widths], *cells]
    return [_GAP.join(map(_padded, row, widths, right)).rstrip() for row in rows]


def _folded(name: str, width: int) -> list[str]:
    """A head in lines no wider than its column, broken between words."""
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _padded(text: str, width: int, right: bool) -> str:  # noqa: FBT001 -- mapped over columns
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def _blocks(names: list[str], cells: list[list[str]]) -> list[str]:
    widest = max(map(cell_len, names))
    blocks = [[f"{name.ljust(widest)}{_GAP}{cell}".rstrip() for name, cell in zip_longest(names, row)] for row in cells]
    return [line for block in blocks for line in ("", *block)][1:]


def _cell(value: Any) -> str:
    return "" if value is None else safe_text(str(value), _MOST) or ""


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
