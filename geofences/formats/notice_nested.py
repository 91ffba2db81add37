"""Serials in JSON, however they are wrapped: ``[{"serial": S}]``, ``[[S]]``, ``{S: "reserve"}``.

What stands under a name for a serial is read as a cell. Under any other name only a sound serial counts, and one more
drone is counted as unread, for nobody knows what else was meant: ``{"from": A, "to": B}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from geofences.formats import notice_serials

Cell = str | int | float

_DEEPEST: Final = 8
_NAMES: Final = frozenset(
    {"sn", "id", "uasid", "remoteid", "number", "nummer", "value", "uas", "drone", "uasids", "drones", "aircraft"}
)
_OF_THEM: Final = ("serial", "serie")
_NOT_READ: Final = frozenset({"operatorid", "operatorregistration", "ovn", "ussbaseurl", "manager", "subscriptionid"})


def cells(value: Any, note: Callable[[str], None]) -> tuple[list[Cell], int]:
    """The cells in a value that should be a list of serials, and how much of it could not be read."""
    found: list[Cell] = []
    unread = 0
    for each in _leaves(value, _DEEPEST):
        if each is None:
            unread += 1
        else:
            found.append(each)
    if unread:
        note("serial: its serials stand in a shape that is not known: not all could be read")
    return found, unread


def words(value: Any) -> Iterator[str]:
    """Every text in a document, and every name, without what says who an operator is."""
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            todo.extend(each)
        elif isinstance(each, dict):
            kept = {name: inner for name, inner in each.items() if _letters(name) not in _NOT_READ}
            todo.extend((*kept, *kept.values()))


def _leaves(value: Any, deep: int) -> Iterator[Cell | None]:
    """Cells, and None for what is none."""
    if value is None:
        return
    if isinstance(value, bool) or deep == 0:
        yield None
    elif isinstance(value, str | int | float):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, deep - 1)
    elif isinstance(value, dict):
        yield from _of_object(value, deep)
    else:
        yield None


def _of_object(value: dict[str, Any], deep: int) -> Iterator[Cell | None]:
    named = [name for name in value if (plain := _letters(name)) in _NAMES or any(one in plain for one in _OF_THEM)]
    for name in named:
        yield from _leaves(value[name], deep - 1)
    if named:
        return
    keys = notice_serials.sound(list(value))
    yield from keys
    if len(keys) < len(value):
        yield from notice_serials.sound(list(words(value)))
        yield None


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalpha())
