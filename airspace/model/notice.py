"""A notice: a flight that somebody announced and an authority answered (GoDrone request, F3548 operational intent)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from airspace.model.zone import Volume


class NoticeState(StrEnum):
    """Life of a notice."""

    REQUESTED = "requested"
    APPROVED = "approved"
    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


VALID_STATES: Final = frozenset({NoticeState.APPROVED, NoticeState.ACTIVE})


class NoticeConflict(ValueError):  # noqa: N818 -- a state of the world, not a mistake
    """The notice is not what its writer believes: another version, or a state that does not allow the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeVolume:
    """A volume and its time, F3548 Volume4D; ``end_s`` exclusive. A polygon's edges are shortest paths, as there."""

    volume: Volume
    start_s: float
    end_s: float
    lower_reference: str | None = None  # of the altitude, as the source writes it
    upper_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An announced flight. A match needs identity and space and time, and an approved or active state."""

    notice_id: str
    version: int
    state: NoticeState
    source: str
    volumes: tuple[NoticeVolume, ...]
    uas_serials: tuple[str, ...] = ()  # or their pseudonyms, where the mode keeps no serials
    operator_registration: str | None = None  # public part only
    category: str | None = None  # open, specific or certified
    uas_class: str | None = None  # C0 to C6
    callsign: str | None = None
    mission_type: str | None = None
    authority: str | None = None
    clearance_ref: str | None = None
    conditions: str | None = None
    exemptions: tuple[str, ...] = ()  # ids of zones, and of TGBs, that this notice names
    created_s: float | None = None
    approved_s: float | None = None
    ended_s: float | None = None
    cancelled_s: float | None = None
    unread_serials: int = 0  # drones that it names in a way that nobody can read: it may be any drone's there
    part_of: str | None = None  # the id in its list, of which other drones or another state are another notice here

    @property
    def start_s(self) -> float:
        """When its first volume begins."""
        return min((each.start_s for each in self.volumes), default=float("inf"))

    @property
    def end_s(self) -> float:
        """When its last volume ends."""
        return max((each.end_s for each in self.volumes), default=float("-inf"))

    @property
    def closed_s(self) -> float | None:
        """When somebody ended or cancelled it, None if nobody did or it is not known."""
        return self.ended_s if self.cancelled_s is None else self.cancelled_s


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadNotice:
    """An entry of a list that cannot be read, as far as it is known whose it is: that drone has a notice, of a kind."""

    source: str
    place: str  # line or number in the source
    notice_id: str | None = None
    uas_serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRevision:
    """One step in a notice's life: who did what and when. ``changed`` is field -> [before, after].

    Of serials and of the operator's registration only the name of the field is kept.
    """

    notice_id: str
    version: int
    time_s: float
    by: str
    step: str
    state: NoticeState
    changed: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
