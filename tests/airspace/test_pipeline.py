"""The process loop with a fake world: what it promises about order, faults and time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from airspace.model.alert import Alert
from airspace.model.commit import Commit, Stored
from airspace.model.detection import Detections
from airspace.model.health import Trouble
from airspace.model.log import Batch, Command, CommandKind, Heartbeat
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from airspace.model.ports import ChannelError, StoreUnavailable
from airspace.model.privacy import Mode, Privacy
from airspace.model.track import Changes
from airspace.model.verdict import Verdict
from airspace.service import pipeline as module
from airspace.service.fence import Fence
from airspace.service.health import Health
from airspace.service.hub import QUEUE_EVENTS, Hub
from airspace.service.inbox import Inbox, Request
from airspace.service.line import Line, Outcome
from airspace.service.metrics import Metrics
from airspace.service.pipeline import Pipeline, Stages
from airspace.service.publish import Publisher
from airspace.store.halves import size
from airspace.tracking.picture import Picture
from tests.airspace.rows import START_S, flight, rows
from tests.airspace.store_examples import alert


@dataclass
class FakeDelivery:
    messages: Sequence[RawMessage]
    journal: list[str]
    name: str = "d"

    async def acknowledge(self) -> None:
        self.journal.append(f"acknowledge {self.name}")


@dataclass
class FakeStore:
    journal: list[str]
    failures: int = 0
    commits: list[Commit] = field(default_factory=list)
    ticks: list[float | None] = field(default_factory=list)

    async def commit(self, commit: Commit) -> Stored:
        if self.failures:
            self.failures -= 1
            self.journal.append("fail")
            raise StoreUnavailable("away")
        if not size(commit):  # a tick alone
            self.ticks.append(commit.tick_s)
        else:
            self.journal.append("commit")
            self.commits.append(commit)
        return Stored(detections=len(commit.detections), repeated=0, alerts=0, rejects=len(commit.rejects))


class NoJudge:
    def judge(self, changes: Changes) -> tuple[Verdict, ...]:
        return ()


class NoAlerts:
    def __init__(self) -> None:
        self.heard: list[Heartbeat] = []

    def step(
        self,
        verdicts: Sequence[Verdict],
        changes: Changes,
        heartbeats: Sequence[Heartbeat],
        commands: Sequence[Command],
    ) -> tuple[Alert, ...]:
        self.heard += heartbeats
        return ()


class World:
    """One pipeline with everything faked but the line's tracker."""

    def __init__(self, failures: int = 0, tracker: Picture | None = None) -> None:
        self.now_s = START_S + 100
        self.refuses: tuple[Reject, ...] = ()
        self.journal: list[str] = []
        self.store = FakeStore(self.journal, failures)
        self.outcomes: list[Outcome] = []
        self.alerts = NoAlerts()
        self.inbox = Inbox()
        stages = Stages(
            decode=self.decode,
            admit=lambda decoded, _: decoded,
            line=Fence(Line(Picture() if tracker is None else tracker, NoJudge(), self.alerts)),
            store=self.store,
            privacy=Privacy(mode=Mode.STATISTICS, key=b"k"),
            taken=self.taken,
        )
        self.metrics = Metrics()
        self.health = Health(lambda: self.now_s)
        self.pipeline = Pipeline(stages, self.inbox, self.metrics, lambda: self.now_s, self.health)

    def decode(self, messages: Sequence[RawMessage]) -> Decoded:
        if any(message.payload == b"bomb" for message in messages):
            raise RuntimeError("a decoder must not raise")
        if self.refuses:
            return Decoded(rejects=self.refuses)
        log = [flight(message.payload.decode(), 1)[0] for message in messages]
        return Decoded(detections=rows(*log) if log else Detections.empty())

    def taken(self, outcome: Outcome) -> None:
        self.journal.append("show")
        self.outcomes.append(outcome)

    def delivery(self, *payloads: bytes, name: str = "d") -> FakeDelivery:
        return FakeDelivery([RawMessage(payload=one, received_s=START_S) for one in payloads], self.journal, name)


class FailingTracker(Picture):
    def step(self, batch: Batch) -> Changes:
        changes = super().step(batch)
        if "poison" in batch.detections.uas_id.tolist():
            raise ZeroDivisionError
        return changes


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.0)
    monkeypatch.setattr(module, "LAST_RETRY_S", 0.0)


async def test_what_finds_no_room_is_stored_and_counted_for_prometheus() -> None:
    world = World(tracker=Picture(max_tracks=2))
    for _ in range(2):
        await world.pipeline.take([world.delivery(b"1ZZZA", b"1ZZZB", b"1ZZZC", b"1ZZZD")])
    assert [len(commit.detections) for commit in world.store.commits] == [4, 4]
    page = world.metrics.page().decode()
    assert 'airspace_detections_unfollowed_total{reason="tracks_full"} 4.0' in page
    assert 'airspace_detections_unfollowed_total{reason="too_late"} 0.0' in page


async def test_nothing_is_acknowledged_or_shown_before_it_is_committed() -> None:
    world = World(failures=3)
    await world.pipeline.take([world.delivery(b"A"), world.delivery(b"B", name="e")])
    assert world.journal[:7] == ["fail", "fail", "fail", "commit", "show", "acknowledge d", "acknowledge e"]
    assert len(world.store.commits[0].detections) == 2


async def test_a_row_that_the_core_fails_on_goes_to_quarantine_and_is_acknowledged_with_the_rest() -> None:
    world = World(tracker=FailingTracker())
    await world.pipeline.take([world.delivery(b"A", b"poison", b"B")])
    stored = [name for commit in world.store.commits for name in commit.detections.uas_id.tolist()]
    rejects = [reject for commit in world.store.commits for reject in commit.rejects]
    assert stored == ["A", "B"]
    assert [reject.reason for reject in rejects] == [RejectReason.NOT_TAKEN]
    assert "commit" in world.journal
    assert world.journal[-1] == "show"  # the tick's
    assert world.journal.index("acknowledge d") > max(i for i, what in enumerate(world.journal) if what == "commit")


async def test_a_failed_commit_is_tried_again_as_it_was() -> None:
    world = World(failures=1)
    await world.pipeline.take([world.delivery(b"A")])
    assert [event.kind for event in world.outcomes[0].changes.events] == ["appeared", "flight_started"]
    assert [(len(commit.detections), len(commit.flights)) for commit in world.store.commits] == [(1, 1)]


async def test_a_decoder_that_fails_on_one_message_loses_none_of_the_others() -> None:
    world = World()
    await world.pipeline.take([world.delivery(b"A", b"bomb", b"B", b"C")])
    commit = world.store.commits[0]
    assert commit.detections.uas_id.tolist() == ["A", "B", "C"]
    assert [reject.detail for reject in commit.rejects] == ["decoder failed: RuntimeError"]


async def test_log_time_never_goes_back_and_ticks_once_a_second() -> None:
    world = World()
    for now_s in (100.2, 100.9, 101.1, 99.0, 101.5, 105.0):
        world.now_s = START_S + now_s
        await world.pipeline.take([world.delivery(b"A")])
    logged = [
        outcome.batch.detections.logged_s[0] - START_S for outcome in world.outcomes if len(outcome.batch.detections)
    ]
    ticks = [outcome.batch.tick_s - START_S for outcome in world.outcomes if outcome.batch.tick_s is not None]
    assert logged == pytest.approx([100.2, 100.9, 101.1, 101.1, 101.5, 105.0])
    assert ticks == [100, 101, 105]


async def test_whoever_brings_a_detection_lives() -> None:
    world = World()
    await world.pipeline.take([world.delivery(b"A", b"B")])
    assert [(beat.sensor, beat.logged_s) for beat in world.alerts.heard] == [("north", START_S + 100)]


async def test_a_command_that_changes_nothing_says_so() -> None:
    world = World()
    command = Command(kind=CommandKind.ACKNOWLEDGE, alert_id="A-x", by="unit 12", logged_s=START_S)
    told = world.inbox.send(command)
    _, requests = world.inbox.drain()
    assert [type(request) for request in requests] == [Request]
    await world.pipeline.take([], requests)
    assert await told is None


class OneOwner(NoAlerts):
    """Gives an alert to whoever asks first."""

    def step(
        self,
        verdicts: Sequence[Verdict],
        changes: Changes,
        heartbeats: Sequence[Heartbeat],
        commands: Sequence[Command],
    ) -> tuple[Alert, ...]:
        told = tuple(alert(taken_by=command.by) for command in commands if not self.heard)
        self.heard += [Heartbeat(sensor=command.by, logged_s=command.logged_s) for command in commands]
        return told[:1]


async def test_of_two_who_take_an_alert_at_once_each_is_told_what_came_of_his_own() -> None:
    world = World()
    world.pipeline._stages = replace(world.pipeline._stages, line=Fence(Line(Picture(), NoJudge(), OneOwner())))
    first, second = (
        world.inbox.send(Command(kind=CommandKind.ACKNOWLEDGE, alert_id="a1", by=by, logged_s=START_S))
        for by in ("unit 12", "unit 7")
    )
    await world.pipeline.take([], world.inbox.drain()[1])
    told = await first
    assert told is not None
    assert told.taken_by == "unit 12"
    assert await second is None


class FakeRecorder:
    def __init__(self, journal: list[str]) -> None:
        self.journal = journal

    def turn(self, messages: Sequence[RawMessage], decoded: Decoded, admitted: Decoded, logged_s: float) -> None:
        self.journal.append(f"record {len(messages)} at {logged_s - START_S:g}")

    def commands(self, commands: Sequence[Command]) -> None:
        self.journal.append(f"record {[command.kind.value for command in commands]}")

    def tick(self, tick_s: float, clock_offset_s: float | None) -> None:
        clock = "" if clock_offset_s is None else f", clock {clock_offset_s:+g}"
        self.journal.append(f"record tick {tick_s - START_S:g}{clock}")


async def test_the_recorder_hears_the_log_in_its_order_before_anything_is_acknowledged() -> None:
    world = World()
    world.pipeline._stages = replace(world.pipeline._stages, recorder=FakeRecorder(world.journal))
    world.inbox.send(Command(kind=CommandKind.CLOSE, alert_id="A-x", by="unit 12", logged_s=START_S))
    await world.pipeline.take([world.delivery(b"A", b"B")], world.inbox.drain()[1])
    told = [entry for entry in world.journal if entry.startswith(("record", "acknowledge"))]
    assert told == ["record 2 at 100", "acknowledge d", "record ['close']", "record tick 100"]


async def test_a_clock_that_was_set_is_an_entry_of_the_log_once_and_so_is_its_end() -> None:
    world = World()
    offset_s = 0.0
    world.pipeline._stages = replace(
        world.pipeline._stages, recorder=FakeRecorder(world.journal), clock_offset_s=lambda: offset_s
    )
    for offset_s in (0.4, -3600.0, -3600.3, -3600.2, 0.0, 0.0):  # noqa: B007 -- the stage reads it
        world.now_s += 1
        await world.pipeline.take([])
    assert [outcome.batch.clock_offset_s for outcome in world.outcomes] == [None, -3600.0, None, None, 0.0, None]
    told = [entry for entry in world.journal if entry.startswith("record tick") and "clock" in entry]
    assert told == ["record tick 102, clock -3600", "record tick 105, clock +0"]


async def test_a_state_is_for_saving_only_when_all_that_it_knows_is_committed() -> None:
    world, prepared, settled = World(), asyncio.Event(), []

    async def commit(commit: Commit) -> Stored:
        settled.append(world.pipeline.settled)
        return Stored(detections=0, repeated=0, alerts=0, rejects=0)

    world.pipeline._stages = replace(
        world.pipeline._stages,
        prepare=prepared.wait,  # type: ignore[arg-type]
        store=SimpleNamespace(commit=commit),
        saved=lambda _: settled.append(world.pipeline.settled),
    )
    running = asyncio.create_task(world.pipeline.process())
    await asyncio.sleep(0)
    assert not world.pipeline.settled, "nothing was read from the database yet"
    running.cancel()
    await asyncio.wait([running])
    await world.pipeline.take([world.delivery(b"A")])
    assert settled == [False, True, False, True], "rows and a tick, each committed and then saved"


async def test_rejects_alone_are_committed_too() -> None:
    world = World()
    reject = Reject(reason=RejectReason.NOT_JSON, detail="x", place="p", received_s=START_S)
    world.refuses = (reject,)
    await world.pipeline.take([world.delivery(b"A")])
    assert world.store.commits[0].rejects == (reject,)
    assert world.journal.count("acknowledge d") == 1


# the hub


async def test_a_slow_watcher_is_given_a_full_picture_again() -> None:
    dropped = []
    hub = Hub(lambda: [("full", 0)], lambda: dropped.append(1))
    watcher = hub.watch()
    assert await anext(watcher) == ("full", 0)
    for number in range(QUEUE_EVENTS + 1):
        hub.tell(("event", number))
    assert await anext(watcher) == ("full", 0)
    hub.tell(("event", "next"))
    assert await anext(watcher) == ("event", "next")
    assert dropped == [1]


async def test_whoever_came_before_the_earlier_run_was_read_is_told_all_again() -> None:
    hub = Hub(lambda: [("full", 0)], lambda: None)
    watcher = hub.watch()
    assert await anext(watcher) == ("full", 0)
    hub.tell(("alerts", "none"))
    hub.renew()
    hub.tell(("alerts", "one"))
    assert [await anext(watcher) for _ in range(2)] == [("full", 0), ("alerts", "one")]


async def test_the_status_comes_by_itself_while_nothing_happens() -> None:
    ages = iter(range(10))
    hub = Hub(lambda: [("status", next(ages))], lambda: None, lambda: next(ages), status_every_s=0.0)
    watcher = hub.watch()
    assert [await anext(watcher) for _ in range(4)] == [("status", age) for age in range(4)]
    hub.tell(("tracks", []))
    told = [await anext(watcher) for _ in range(3)]
    assert ("tracks", []) in told  # and what happens is not lost beside it


# publishing


@dataclass
class FakeOutbox:
    lines: list[tuple[int, dict[str, Any]]]
    place: int = 0
    waited: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, channel: str, limit: int) -> list[tuple[int, dict[str, Any]]]:
        return [line for line in self.lines if line[0] > self.place][:limit]

    async def done(self, channel: str, last_id: int) -> None:
        self.place = last_id

    async def standing(self) -> list[dict[str, Any]]:
        return [line for _, line in self.lines]

    async def wait(self, timeout_s: float) -> None:
        self.waited.set()
        await asyncio.Event().wait()


@dataclass
class FakeChannel:
    faults: list[ChannelError | None]
    told: list[str] = field(default_factory=list)
    name: str = "fake"

    async def send(self, alerts: Sequence[dict[str, Any]]) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.told += [alert["alert_id"] for alert in alerts]


async def test_a_channel_that_fails_is_told_again_and_in_order(monkeypatch: Any) -> None:
    monkeypatch.setattr("airspace.service.publish.FIRST_RETRY_S", 0.0)
    outbox = FakeOutbox([(1, {"alert_id": "a"}), (2, {"alert_id": "b"}), (3, {"alert_id": "c"})])
    channel = FakeChannel([ChannelError("away"), None, ChannelError("nonsense", retry=False)])
    task = asyncio.create_task(Publisher(channel, outbox, Metrics(), Health(lambda: START_S)).run())
    await asyncio.wait_for(outbox.waited.wait(), 5)
    task.cancel()
    assert channel.told == ["a", "c"]
    assert outbox.place == 3


@dataclass
class FakeStateChannel(FakeChannel):
    """Shows a state, and may fail to."""

    shown: list[tuple[list[str], float]] = field(default_factory=list)
    troubles: list[BaseException | None] = field(default_factory=list)

    async def refresh(self, lines: Sequence[dict[str, Any]], time_s: float) -> None:
        fault = self.troubles.pop(0) if self.troubles else None
        if fault is not None:
            raise fault
        self.shown.append(([line["alert_id"] for line in lines], time_s))


class TurningOutbox(FakeOutbox):
    """Waits so often, then for ever."""

    turns = 3

    async def wait(self, timeout_s: float) -> None:
        self.turns -= 1
        if self.turns <= 0:
            await super().wait(timeout_s)


@dataclass
class Publishing:
    """A publisher of a channel that shows a state, on clocks that the test sets."""

    channel: FakeStateChannel
    steady_s: list[float]  # what each look at the steady clock says; the last again and again
    health: Health = field(default_factory=lambda: Health(lambda: START_S))
    turns: int = 3

    async def run(self) -> Health:
        outbox = TurningOutbox([(1, {"alert_id": "a"}), (2, {"alert_id": "b"})])
        outbox.turns = self.turns
        steady = iter(self.steady_s)
        clock = lambda: next(steady, self.steady_s[-1])  # noqa: E731 - short
        publisher = Publisher(self.channel, outbox, Metrics(), self.health, lambda: START_S + 5, clock)
        task = asyncio.create_task(publisher.run())
        await asyncio.wait_for(outbox.waited.wait(), 5)
        task.cancel()
        return self.health


async def test_what_stands_is_shown_at_the_start_once_everything_was_told() -> None:
    channel = FakeStateChannel([])
    health = await Publishing(channel, [0.0]).run()
    assert channel.told == ["a", "b"]
    assert channel.shown == [(["a", "b"], START_S + 5)]
    assert health.parts()["channel:fake"].trouble is None


async def test_what_stands_is_shown_again_every_minute() -> None:
    channel = FakeStateChannel([])
    # made 0; first turn looks 0, plans from 0; second turn 59: not yet; third 60: again, plans from 60
    await Publishing(channel, [0.0, 0.0, 0.0, 59.0, 60.0, 60.0]).run()
    assert len(channel.shown) == 2


@pytest.mark.parametrize("fault", [ChannelError("away"), ChannelError("no", retry=False), KeyError("ours")])
async def test_what_cannot_be_shown_is_told_and_holds_up_no_line(fault: BaseException) -> None:
    channel = FakeStateChannel([], troubles=[fault] * 3)
    health = await Publishing(channel, [float(second) * 100 for second in range(10)]).run()
    assert channel.told == ["a", "b"]
    assert health.parts()["channel:fake"].trouble in {Trouble.CHANNEL_FAILS, Trouble.FAULT_OF_OURS}
    channel.troubles = []
    await Publishing(channel, [0.0], health).run()
    assert health.parts()["channel:fake"].trouble is None


async def test_after_a_failure_what_stands_is_shown_at_once(monkeypatch: Any) -> None:
    monkeypatch.setattr("airspace.service.publish.FIRST_RETRY_S", 0.0)
    channel = FakeStateChannel([None, ChannelError("away")])
    await Publishing(channel, [0.0], turns=1).run()
    assert channel.told == ["a", "b"]
    assert len(channel.shown) == 1


async def test_a_line_passed_over_stays_told_though_the_next_goes_well() -> None:
    channel = FakeStateChannel([ChannelError("nonsense", retry=False)])
    health = await Publishing(channel, [0.0]).run()
    assert channel.told == ["b"]
    assert health.parts()["channel:fake:lines"].trouble is Trouble.LINE_PASSED_OVER
