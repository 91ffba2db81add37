"""A notice: a flight that somebody announced and an authority answered (GoDrone request, F3548 operational intent)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeVolume:
    """A volume and its time, F3548 Volume4D; ``end_s`` exclusive."""

    volume: Volume
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An announced flight. A match needs identity and space and time, and an approved or active state."""

    notice_id: str
    version: int
    state: NoticeState
    source: str
    volumes: tuple[NoticeVolume, ...]
    uas_serials: tuple[str, ...] = ()
    operator_registration: str | None = None  # public part only
    callsign: str | None = None
    mission_type: str | None = None
    authority: str | None = None
    exemptions: tuple[str, ...] = ()  # ids of zones that this notice names
