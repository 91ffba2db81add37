"""Ports: what the composition root plugs together. Each has two or more implementations, a test's among them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from airspace.model.alert import Alert
    from airspace.model.commit import Commit, Stored
    from airspace.model.log import Batch, Command, Heartbeat
    from airspace.model.message import Decoded, RawMessage
    from airspace.model.notice import NoticeState
    from airspace.model.track import Changes
    from airspace.model.unfollowed import Unfollowed
    from airspace.model.verdict import Verdict


class Format(Protocol):
    """One wire format: bytes to detections, no input or output, never raises on any bytes."""

    def __call__(self, messages: Sequence[RawMessage], /) -> Decoded:
        """Every message ends in rows, heartbeats, ``ignored`` or rejects."""


class Delivery(Protocol):
    """Some messages from a live source, and how to acknowledge them once they are durable."""

    @property
    def messages(self) -> Sequence[RawMessage]:
        """In the order in which they arrived."""

    async def acknowledge(self) -> None:
        """Tell the source that it may forget them. Never raises for a lost link: then they come again."""


class LiveSource(Protocol):
    """A transport. Reconnects by itself; iteration ends only with cancellation."""

    @property
    def name(self) -> str:
        """For logs, metrics and task names."""

    def deliveries(self) -> AsyncIterator[Delivery]:
        """What arrives, a delivery of one or more messages at a time."""


class IntakeFault(StrEnum):
    """Why pushed messages were not taken."""

    MALFORMED = "malformed"  # not messages: the same will never be taken
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"  # this sensor has too much under way
    BUSY = "busy"  # the service is behind, or the database does not answer; stored or not is open


class NotTaken(Exception):  # noqa: N818 -- an answer, not a mistake
    """Pushed messages that are not durable; sent again they are stored once."""

    def __init__(self, fault: IntakeFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


class Intake(Protocol):
    """Where sensors push to."""

    def sensor_of(self, token: str) -> str | None:
        """Whose secret it is, compared in constant time; None: nobody's."""

    def closed(self, sensor: str) -> str | None:
        """Why this sensor may not push now; None: it may."""

    async def take(self, sensor: str, body: bytes) -> int:
        """The number of messages in the body, once all of them are durable. ``NotTaken`` else."""


class Recorder(Protocol):
    """Keeps the log of a run for a replay. Nothing here raises or waits: a fault of the disk is told elsewhere."""

    def turn(self, messages: Sequence[RawMessage], decoded: Decoded, admitted: Decoded, logged_s: float, /) -> None:
        """Messages, what they decode to, and what of it entered the log at this time."""

    def commands(self, commands: Sequence[Command], /) -> None:
        """What people did to alerts."""

    def tick(self, tick_s: float, clock_offset_s: float | None, /) -> None:
        """A second of the log is over; how far the machine's clock is from it, where it was found set."""


class Tracker(Protocol):
    """Batches to changes of the picture. Deterministic; time comes with the batch."""

    @property
    def unfollowed(self) -> Unfollowed:
        """Rows so far that no track follows."""

    def step(self, batch: Batch) -> Changes:
        """Apply one batch."""


class Judge(Protocol):
    """Changes to verdicts. Deterministic."""

    def judge(self, changes: Changes) -> tuple[Verdict, ...]:
        """Verdicts that changed, in log order."""


class Alerter(Protocol):
    """Verdicts, heartbeats and commands to alerts. Deterministic."""

    def step(
        self,
        verdicts: Sequence[Verdict],
        changes: Changes,
        heartbeats: Sequence[Heartbeat],
        commands: Sequence[Command],
    ) -> tuple[Alert, ...]:
        """Alerts to tell, in log order."""


class StoreUnavailable(Exception):  # noqa: N818 -- a state of the world, not a mistake
    """The database takes nothing now; the same commit is tried again.

    ``refuses``: it answers, and says no. ``taken``: another service writes to it. ``slow``: it was not done in time.
    """

    def __init__(self, message: str, *, refuses: bool = False, taken: bool = False, slow: bool = False) -> None:
        super().__init__(message)
        self.slow = slow
        self.refuses = refuses
        self.taken = taken


class NotStoredYet(Exception):  # noqa: N818 -- an answer, not a mistake
    """A person's act waits for the database: it is done when that answers, and nobody waits for it here."""


class Store(Protocol):
    """Where things become durable."""

    async def commit(self, commit: Commit) -> Stored:
        """All of it or nothing, in one transaction; again without effect. ``StoreUnavailable``: try again."""


class Outbox(Protocol):
    """Alerts on their way to people, in the order in which they were committed."""

    async def read(self, channel: str, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """The next (number, alert line) pairs for a channel."""

    async def done(self, channel: str, last_id: int) -> None:
        """A channel has told everything up to this number."""

    async def standing(self) -> list[dict[str, Any]]:
        """The latest telling of each record that is open, and of those that closed in the last day."""

    async def wait(self, timeout_s: float) -> None:
        """Until something was committed, or the time is over."""


class Channel(Protocol):
    """A way to tell people. Each channel reads the outbox on its own; a failure is retried with back-off."""

    @property
    def name(self) -> str:
        """Key of its place in the outbox."""

    async def send(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Tell these alert lines (contract form). Raises ``ChannelError`` if it should be tried again."""


@runtime_checkable
class StateChannel(Channel, Protocol):
    """A channel that shows what stands: told again at the start, after a failure and every minute."""

    async def refresh(self, lines: Sequence[dict[str, Any]], time_s: float) -> None:
        """Show this, as of ``time_s`` (UTC epoch seconds): what it showed before may be lost. ``ChannelError``."""


class ChannelError(Exception):
    """A channel could not deliver now; without ``retry`` this content will never be accepted and is passed over."""

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


class AlertConflict(ValueError):  # noqa: N818 -- an answer, not a mistake
    """An act that the alert's state does not allow: why, and who has it since when."""

    def __init__(self, detail: str, taken_by: str | None = None, since: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.taken_by = taken_by
        self.since = since


class View(Protocol):
    """What the API and the console may see: already redacted for the mode, JSON-ready."""

    def tracks(self) -> list[dict[str, Any]]:
        """Live tracks."""

    def alerts(self) -> list[dict[str, Any]]:
        """Latest telling of each record: open ones by priority, then handled ones, then what is over, newest first."""

    def zones(self) -> dict[str, Any]:
        """GeoJSON FeatureCollection of the zones in force."""

    def sensors(self) -> list[dict[str, Any]]:
        """Sensors with their health."""

    def notices(self) -> list[dict[str, Any]]:
        """Notices of now and the next day."""

    def status(self) -> dict[str, Any]:
        """State line, clock, counts of the day, authorised now."""

    def explain(self, track_id: str, time_s: float | None) -> dict[str, Any]:
        """Why a live track is judged as it is. KeyError: no such track. ValueError: that time is not kept."""

    async def command(
        self,
        kind: str,
        alert_id: str,
        by: str,
        note: str | None,
        outcome: str | None,
        *,
        instead_of: str | None = None,
        to: str | None = None,
    ) -> dict[str, Any]:
        """Put a person's act into the log; the alert line after it. ``alert_id`` may be a record's.

        KeyError: there is no such alert. ``AlertConflict``: its state does not allow the step.
        """

    def subscribe(self) -> AsyncIterator[tuple[str, dict[str, Any] | list[dict[str, Any]]]]:
        """(event, data) as it happens, a full picture first; a slow reader loses its oldest, and is told."""

    def ready(self) -> dict[str, Any]:
        """``ready``, and ``parts``: name -> state, since, word, what, do."""


class NoticeDesk(Protocol):
    """Notices as people enter and change them; answers are JSON-ready and redacted for the mode.

    KeyError: there is no such notice. ``NoticeConflict``: another version, or a state that does not allow the step.
    ValueError: what was sent, with the field at fault. ``StoreUnavailable``: try again.
    """

    async def list(
        self, states: Sequence[NoticeState], from_s: float | None, to_s: float | None
    ) -> list[dict[str, Any]]:
        """Notices in one of the states (none named: any) whose time meets [from, to); without them now and a day."""

    async def show(self, notice_id: str) -> dict[str, Any]:
        """One notice whole, with its history."""

    async def create(self, fields: dict[str, Any], by: str, note: str | None) -> dict[str, Any]:
        """A new notice, requested or approved."""

    async def revise(
        self, notice_id: str, version: int, fields: dict[str, Any], by: str, note: str | None
    ) -> dict[str, Any]:
        """Change the named fields of the notice that is at this version."""

    async def step(
        self, notice_id: str, step: str, by: str, note: str | None, version: int | None = None
    ) -> dict[str, Any]:
        """Approve, activate, end or cancel it."""
