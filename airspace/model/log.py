"""The log: what happened, in the order in which it counts.

A log is a sequence of batches. The order of its entries is the truth, and any way of cutting its rows into batches
gives the same alerts, byte for byte. Ticks (one a second), heartbeats and commands are entries like the rows; within
one batch the order is heartbeats, commands, rows, tick.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from airspace.model.detection import Detections


class Working(StrEnum):
    """What a sensor says of its own work. A sign of life alone is no working order."""

    UNSAID = "unsaid"  # nothing: where it stands, that it is there
    WELL = "well"
    BLIND = "blind"  # it lives, and hears no drones or not as it should, until it says that it is well
    AWAY = "away"  # it, or its broker for it, says that it is not there, until it is heard again


class Times(StrEnum):
    """What the times of a sensor's rows are like, as the gate found them."""

    LIVE = "live"
    CLOCK = "clock"  # its clock is wrong; taken as heard when they came
    OLD = "old"  # of a time before the present picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A sensor said that it lives, or how it does: at its own time where it states one, live at the arrival.

    When it lived by that is for ``model/lives.py`` to say.
    """

    sensor: str
    logged_s: float
    said_s: float | None = None  # its own time, where it states one; of rows that are not of now, the newest's
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    detail: str | None = None  # what the sensor says of itself, cleaned text
    noise_floor_dbm: float | None = None
    messages: float | None = None  # how many it has heard since its start, where it counts them
    working: Working = Working.UNSAID
    says: str | None = None  # why it is blind or away, in its own words, cleaned text
    unclear: str | None = None  # what it says of its work that its documentation does not explain, cleaned text
    of_rows: bool = False  # made of its rows: it sent none itself
    times: Times = Times.LIVE  # of those rows
    behind_s: float | None = None  # by how much these are behind the log's, where they are not live

    @property
    def gone(self) -> bool:
        """Whether it says that it is no coverage now."""
        return self.working in {Working.BLIND, Working.AWAY}


class CommandKind(StrEnum):
    """What a person can do to an alert."""

    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    CLOSE = "close"  # with its outcome; of an alert that closed by itself too
    REOPEN = "reopen"  # undo of a mistaken outcome, while the drone still flies


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A person's act on an alert, entered into the log where it was received."""

    kind: CommandKind
    alert_id: str  # or a record's: "<alert id>.<episode>"; without an episode the latest
    by: str  # team or call sign, cleaned text
    logged_s: float
    note: str | None = None
    outcome: str | None = None  # with CLOSE: warned, fined, permit_shown, not_found, false_alarm, own_drone, other
    instead_of: str | None = None  # with ACKNOWLEDGE: the owner who is knowingly replaced
    to: str | None = None  # with HAND_OVER: whom it is for


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some entries of the log. ``tick_s`` is set when the batch ends with a tick.

    ``clock_offset_s`` stands with the tick at which the machine's clock was found set: it less the log's time.
    """

    detections: Detections
    heartbeats: tuple[Heartbeat, ...] = ()
    commands: tuple[Command, ...] = ()
    tick_s: float | None = None
    clock_offset_s: float | None = None
