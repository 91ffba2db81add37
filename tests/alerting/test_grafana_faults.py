"""What answers for Grafana misbehaves: told in one sentence, tried again, one annotation an episode is left."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from airspace.model.ports import ChannelError
from alerting.channels.grafana import GrafanaChannel, connect
from alerting.channels.grafana.annotations import AnnotationBook
from tests.alerting.grafana_lines import line
from tests.servers.grafana import FAULTS, Recorder, recording

T0_MS = 1777660200000
T0_S = T0_MS / 1000
PASSING = [*FAULTS, "half"]
LIVE = "POST /api/live/push/airspace"
CASES = [
    (where, fault)
    for where in ("GET", "POST /api/annotations", LIVE, "PATCH")
    for fault in PASSING
    if where != LIVE or fault not in {"{}", "null", "nothing", "half"}  # what Live answers with is nothing
]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as kept:
        yield kept


@pytest.fixture
def channel(recorder: Recorder) -> Iterator[GrafanaChannel]:
    made = connect(recorder.url, "secret-token")
    yield made
    made.server.close()


def restarted(recorder: Recorder) -> GrafanaChannel:
    """The channel of a service that was killed and started again."""
    return connect(recorder.url, "secret-token")


def hurried(channel: GrafanaChannel) -> None:
    channel.server._api.client.timeout = 0.1


@pytest.mark.parametrize(("where", "fault"), CASES)
async def test_any_answer_is_tried_again_and_leaves_one_annotation(
    channel: GrafanaChannel, recorder: Recorder, where: str, fault: str
) -> None:
    if where == "PATCH":
        await channel.send([line()])
    recorder.faults[where] = fault
    done = (where, fault) == ("POST /api/annotations", "half")  # carried out though not understood: found the next time
    for _ in range(1 if done else 3):
        with pytest.raises(ChannelError) as caught:
            await channel.send([line(revision=2, state="updated")])
        assert caught.value.retry
        told = str(caught.value)
        assert "Grafana" in told
        assert "\n" not in told
        assert "secret-token" not in told
    recorder.faults.clear()
    await channel.send([line(revision=2, state="updated")])
    (kept,) = recorder.annotations.values()
    assert kept["tags"][3] == "updated"


@pytest.mark.parametrize(("status", "text"), [(400, "Bad request data"), (422, "Validation"), (413, "Too large")])
async def test_only_what_grafana_itself_refuses_is_passed_over(
    channel: GrafanaChannel, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, status: int, text: str
) -> None:
    monkeypatch.setitem(FAULTS, "refused", (status, "application/json", f'{{"message": "{text}"}}'))
    recorder.faults["POST /api/annotations"] = "refused"
    with pytest.raises(ChannelError, match=text) as caught:
        await channel.send([line()])
    assert not caught.value.retry
    assert recorder.pushed  # Live got it all the same


@pytest.mark.parametrize("fault", ["403", "500, locked"])
async def test_live_is_told_though_annotations_fail(channel: GrafanaChannel, recorder: Recorder, fault: str) -> None:
    recorder.faults["POST /api/annotations"] = fault
    with pytest.raises(ChannelError):
        await channel.send([line()])
    assert any(point.startswith("alerts ") for point in recorder.pushed)


async def test_a_redirect_is_named_and_not_followed(channel: GrafanaChannel, recorder: Recorder) -> None:
    recorder.faults["*"] = "302"
    with pytest.raises(ChannelError, match="a redirect to /login"):
        await channel.send([line()])
    assert not [one for one in recorder.requests if one.path == "/login"]


async def test_a_dead_server_is_tried_again() -> None:
    channel = connect("http://127.0.0.1:9", "secret-token")
    with pytest.raises(ChannelError, match="cannot be reached") as caught:
        await channel.send([line()])
    channel.server.close()
    assert caught.value.retry


# one annotation an episode


async def test_killed_between_the_request_and_its_mark(recorder: Recorder) -> None:
    for _ in range(4):  # the same line is told again by each new process
        channel = restarted(recorder)
        await channel.send([line()])
        channel.server.close()
    assert len(recorder.annotations) == 1


async def test_an_answer_that_comes_too_late(channel: GrafanaChannel, recorder: Recorder) -> None:
    hurried(channel)
    recorder.faults["POST /api/annotations"] = "late"
    with pytest.raises(ChannelError, match="took too long"):
        await channel.send([line()])
    recorder.faults.clear()
    recorder.answer_late.set()
    await channel.send([line()])
    await channel.send([line(revision=2, state="closed", time="2026-05-01T18:35:00.000Z")])
    (kept,) = recorder.annotations.values()
    assert kept["timeEnd"] - kept["time"] == 5 * 60 * 1000


@pytest.mark.parametrize("end", ["updated", "closed"])
async def test_a_request_that_is_carried_out_after_it_was_tried_again(
    channel: GrafanaChannel, recorder: Recorder, end: str
) -> None:
    hurried(channel)
    recorder.faults["POST /api/annotations"] = "late"
    recorder.carried_out = False
    with pytest.raises(ChannelError):
        await channel.send([line()])
    recorder.faults.clear()
    recorder.answer_late.set()
    last = line(revision=2, state=end, time="2026-05-01T18:35:00.000Z")
    await channel.send([line()])
    await channel.send([last])
    late = recorder.named("POST", "/api/annotations")[0]
    recorder.annotations[7] = {"id": 7, **late.json}  # Grafana gets to it only now
    await channel.refresh([last], T0_S + 300)
    (kept,) = recorder.annotations.values()
    assert kept["tags"][3] == end
    assert kept["timeEnd"] - kept["time"] == 5 * 60 * 1000


def found(recorder: Recorder, number: int, alert: dict[str, Any]) -> None:
    """An annotation that an earlier run left."""
    tags = ["airspace", "zone", "violation", alert["state"], f"alert:{alert['alert_id']}"]
    recorder.annotations[number] = {"id": number, "time": T0_MS, "timeEnd": T0_MS, "tags": tags, "text": "old"}


async def test_doubles_of_an_earlier_run_are_mended_at_the_start(recorder: Recorder) -> None:
    for number in (3, 5, 9):
        found(recorder, number, line())
    for number in (4, 6):
        found(recorder, number, line(alert_id="over"))
    found(recorder, 7, line(alert_id="of another service"))
    over = line(alert_id="over", state="closed", closed="2026-05-01T18:40:00.000Z", matter_en="It flew.")
    channel = restarted(recorder)
    await channel.refresh([line(), over], T0_S + 90)
    channel.server.close()
    assert sorted(recorder.annotations) == [3, 4, 7]
    assert recorder.annotations[3]["timeEnd"] - T0_MS == 90_000
    assert recorder.annotations[4]["tags"][3] == "closed"
    assert recorder.annotations[4]["timeEnd"] - T0_MS == 600_000
    assert recorder.annotations[7]["text"] == "old"  # what our database does not know is not ours


async def test_an_open_alert_is_a_span_that_ends_now(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line()])
    for seconds in (60, 120, 3600):
        await channel.refresh([line()], T0_S + seconds)
        (kept,) = recorder.annotations.values()
        assert (kept["time"], kept["timeEnd"]) == (T0_MS, T0_MS + seconds * 1000)
    gone = line(state="updated", ended="2026-05-01T18:32:00.000Z")
    await channel.refresh([gone], T0_S + 7200)
    (kept,) = recorder.annotations.values()
    assert kept["timeEnd"] - T0_MS == 120_000  # it waits for a person; the drone has gone


async def test_with_more_open_than_one_look_moves_each_has_its_turn(
    channel: GrafanaChannel, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerting.channels.grafana.annotations.MAX_MOVED", 3)
    lines = [line(alert_id=f"a{number}") for number in range(7)]
    for look in range(3):
        await channel.refresh(lines, T0_S + 60 * (look + 1))
    assert len(recorder.annotations) == 7
    assert all(kept["timeEnd"] > T0_MS for kept in recorder.annotations.values())


def test_a_look_that_takes_too_long_leaves_the_rest_to_the_next(channel: GrafanaChannel, recorder: Recorder) -> None:
    book = AnnotationBook(channel.server, None)
    for number in range(3):
        found(recorder, number + 1, line(alert_id=f"over{number}"))
    over = {"state": "closed", "closed": "2026-05-01T18:40:00.000Z"}
    lines = [line(alert_id=f"a{number}") for number in range(4)]
    lines += [line(alert_id=f"over{number}", **over) for number in range(3)]
    for look in range(8):
        left = iter([False] * (2 - look % 2))  # one or two records in each
        book.look(lines, f"2026-05-01T19:{look:02}:00.000Z", partial(next, left, True))
    assert len(recorder.annotations) == 7
    assert len(recorder.open_annotations()) == 4
    assert all(kept["timeEnd"] > T0_MS for kept in recorder.annotations.values())


@pytest.mark.parametrize("answer", ["gone", "403"])
async def test_a_deleted_annotation_is_made_again(channel: GrafanaChannel, recorder: Recorder, answer: str) -> None:
    await channel.send([line()])
    recorder.annotations.clear()
    if answer == "403":
        recorder.faults["PATCH"] = "403"  # where rights are looked at first, what is not there is forbidden
    await channel.send([line(revision=2, state="updated")])
    assert len(recorder.named("POST", "/api/annotations")) == 2
    assert len(recorder.annotations) == 1


async def test_after_a_failure_a_remembered_number_may_be_anothers(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line()])
    recorder.faults["*"] = "502"
    with pytest.raises(ChannelError):
        await channel.send([line(revision=2, state="updated")])
    recorder.faults.clear()
    recorder.annotations.clear()  # restored from a backup, in which somebody else wrote since
    recorder.annotations[1] = {"id": 1, "tags": ["deploy"], "text": "not ours"}
    await channel.send([line(revision=2, state="updated")])
    assert recorder.annotations[1]["text"] == "not ours"
    assert recorder.annotations[2]["tags"][3] == "updated"


async def test_without_the_right_to_remove_doubles_nothing_is_held_up(recorder: Recorder) -> None:
    found(recorder, 3, line())
    found(recorder, 5, line())
    recorder.faults["DELETE"] = "403"
    channel = restarted(recorder)
    await channel.send([line()])
    channel.server.close()
    assert sorted(recorder.annotations) == [3, 5]


# Grafana starts again in the middle


async def test_what_live_lost_in_a_restart_is_pushed_again() -> None:
    with recording() as kept:
        port = int(kept.url.rpartition(":")[2])
        channel = restarted(kept)
        await channel.send([line()])
    with pytest.raises(ChannelError):
        await channel.refresh([line()], T0_S + 30)
    kept.requests.clear()  # Live remembers nothing, annotations lie in Grafana's database
    with recording(kept, port):
        await channel.refresh([line(), line(alert_id="over", state="closed")], T0_S + 60)
    channel.server.close()
    assert [point.split()[0] for point in kept.pushed] == ["alerts", "open"]
    assert kept.pushed[1].startswith("open all=1i,violation=1i")
    assert kept.pushed[1].endswith(str((T0_MS + 60_000) * 1_000_000))
    assert len(kept.annotations) == 1


async def test_what_stands_is_bounded_in_live(channel: GrafanaChannel, recorder: Recorder) -> None:
    lines = [line(alert_id=f"a{number}", priority=number % 100) for number in range(120)]
    await channel.refresh(lines, T0_S)
    told = [point for point in recorder.pushed if point.startswith("alerts ")]
    assert len(told) == 50
    assert "priority=99i" in told[0]
    assert recorder.pushed[-1].startswith("open all=120i")
