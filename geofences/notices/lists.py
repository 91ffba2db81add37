"""What is known of the lists that a book of notices is made of: "no notice" is only as good as the list is.

A list that is empty is known. None at all, one that cannot be read (even where the last good one is in force), and one
of which every notice was over a day ago leave it open whether a flight has a notice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from airspace.model.notice import Notice

OVER_S: Final = 86_400.0  # a list whose last notice ended longer ago is not of these days


class Doubt(StrEnum):
    """Why nobody can say that a flight has no notice. Stable codes, as evidence has them."""

    NOT_CONNECTED = "not_connected"
    UNREADABLE = "unreadable"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The doubt that holds at any time, and since when the lists are over."""

    doubt: Doubt | None = None
    over_from_s: float = math.inf

    def doubt_at(self, time_s: float) -> Doubt | None:
        """The doubt at a time."""
        if self.doubt is not None:
            return self.doubt
        return Doubt.OVER if time_s >= self.over_from_s else None


KNOWN: Final = Lists()
NOT_CONNECTED: Final = Lists(doubt=Doubt.NOT_CONNECTED)


def lists_of(notices: Sequence[Notice], *, connected: bool = True, readable: bool = True) -> Lists:
    """What is known of the lists behind some notices; ``connected``: there is a list, be it empty."""
    if not readable:
        return Lists(doubt=Doubt.UNREADABLE)
    if not connected:
        return NOT_CONNECTED
    return Lists(over_from_s=max(one.end_s for one in notices) + OVER_S) if notices else KNOWN
