"""Notices in the database: versions, history, imports, modes and how long they are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import pytest

from airspace.app.notice_records import alias, notice_of, record_of
from airspace.app.notices import BEHIND_S, Desk
from airspace.demo import examples
from airspace.model.notice import Notice, NoticeConflict, NoticeState
from airspace.model.notice_document import notice_document
from airspace.model.privacy import Privacy
from airspace.store import notices as kept
from airspace.store.retention import Retention, sweep
from airspace.store.writer import Store
from geofences.formats import notices as notice_files
from tests.airspace.store_examples import ENFORCEMENT, STATISTICS
from tests.geofences import made
from tests.servers.postgres import dump, rows, scalar

REGISTRATION = "NLDx1y2z3a4b5c6d"


@dataclass
class World:
    """A desk with a clock that is set, and what it put in force."""

    desk: Desk
    store: Store
    now_s: float = made.NOON_S
    taken: list[Sequence[Notice]] = field(default_factory=list)

    @property
    def in_force(self) -> dict[str, Notice]:
        return {notice.notice_id: notice for notice in self.taken[-1]}


@asynccontextmanager
async def world(url: str, privacy: Privacy = ENFORCEMENT, filed: Sequence[Notice] = ()) -> AsyncIterator[World]:
    async with Store.open(url, privacy) as store:
        here: World

        async def take(notices: Sequence[Notice]) -> None:
            here.taken.append(notices)

        here = World(Desk(store, privacy, lambda: here.now_s, take, lambda: filed), store)
        await here.desk.open()
        yield here


def fields(**changes: Any) -> dict[str, Any]:
    document = notice_document(made.notice(operator_registration=REGISTRATION, **changes))
    return {
        name: document[name] for name in ("id", "state", "uas_serials", "operator_registration", "volumes", "callsign")
    }


async def test_a_life_with_who_and_when(url: str) -> None:
    async with world(url) as here:
        desk = here.desk
        made_one = await desk.create(fields(state=NoticeState.REQUESTED), "desk 3", None)
        assert made_one["notice"]["created"] == "2026-05-01T12:00:00.000Z"
        await desk.step("N1", "approve", "LVNL", "by telephone", 1)
        here.now_s += 10
        await desk.revise("N1", 2, {"callsign": "TV 2", "uas_serials": ["test4zzzz"]}, "desk 3", None)
        await desk.step("N1", "activate", "unit 12", None)
        here.now_s += 10
        told = await desk.step("N1", "end", "unit 12", None)
        with pytest.raises(NoticeConflict, match="that is ended cannot be cancelled"):
            await desk.step("N1", "cancel", "desk 3", None)
    assert [(one["version"], one["step"], one["by"], one["time"][14:19]) for one in told["revisions"]] == [
        (1, "create", "desk 3", "00:00"),
        (2, "approve", "LVNL", "00:00"),
        (3, "revise", "desk 3", "00:10"),
        (4, "activate", "unit 12", "00:10"),
        (5, "end", "unit 12", "00:20"),
    ]
    assert told["revisions"][1]["note"] == "by telephone"
    assert told["revisions"][2]["changed"] == {"uas_serials": None, "callsign": [None, "TV 2"]}
    assert told["revisions"][4]["changed"] == {
        "state": ["active", "ended"],
        "ended": [None, "2026-05-01T12:00:20.000Z"],
    }
    assert (told["state"], told["version"]) == ("ended", 5)
    assert here.in_force["N1"].uas_serials == ("TEST4ZZZZ",)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"state": "active"}, "state: a notice begins as approved or requested"),
        ({"version": 3}, "version: cannot be set here"),
        ({"cancelled": "2026-05-01T12:00:00Z"}, "cancelled: cannot be set here"),
        ({"volumes": []}, "volumes: none given"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_entered(url: str, sent: dict[str, Any], error: str) -> None:
    async with world(url) as here:
        with pytest.raises(ValueError, match=error):
            await here.desk.create(fields() | sent, "desk 3", None)
        assert await here.desk.list([], None, None) == []


async def test_nobody_overwrites_what_he_has_not_seen(url: str) -> None:
    filed = made.notice(notice_id="F1")
    async with world(url, filed=[filed]) as here:
        desk = here.desk
        await desk.create(fields(), "desk 3", None)
        with pytest.raises(NoticeConflict, match="a notice N1 already"):
            await desk.create(fields(), "desk 4", None)
        await desk.revise("N1", 1, {"callsign": "TV 2"}, "desk 3", None)
        with pytest.raises(NoticeConflict, match="is at version 2, not 1"):
            await desk.revise("N1", 1, {"callsign": "TV 9"}, "desk 4", None)
        with pytest.raises(NoticeConflict, match="is at version 2, not 1"):
            await desk.step("N1", "cancel", "desk 4", None, 1)
        same = await desk.revise("N1", 2, {"callsign": "TV 2"}, "desk 3", None)
        assert same["version"] == 2, "what changes nothing is no revision"
        for name in ("id", "state", "reference"):
            with pytest.raises(ValueError, match=f"{name}: cannot be set here"):
                await desk.revise("N1", 2, {name: "x"}, "desk 3", None)
        for work in (desk.show("no"), desk.step("no", "cancel", "x", None), desk.revise("no", 1, {}, "x", None)):
            with pytest.raises(KeyError):
                await work
        assert (await desk.show("F1"))["revisions"] == []
        with pytest.raises(NoticeConflict, match="stands in a file"):
            await desk.step("F1", "cancel", "desk 3", None)
        with pytest.raises(NoticeConflict, match="in a file already"):
            await desk.create(fields(notice_id="F1"), "desk 3", None)


async def test_two_who_write_at_once_one_is_refused(url: str) -> None:
    async with world(url) as here:
        await here.desk.create(fields(), "desk 3", None)
        async with here.store.reading() as connection:
            record = await kept.find(connection, "N1")
            assert record is not None
            before = notice_of(record)
            step = await kept.revisions(connection, "N1")
            after = record_of(replace(before, version=2), ENFORCEMENT)
            await kept.update(connection, 1, after, replace(step[0], version=2))
            with pytest.raises(NoticeConflict, match="not at version 1 any more"):
                await kept.update(connection, 1, after, replace(step[0], version=2))
    assert scalar(url, "select count(*) from notice_revision") == 2


async def test_history_is_never_changed(url: str) -> None:
    async with world(url) as here:
        await here.desk.create(fields(), "desk 3", None)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        connection.execute("update notice_revision set by = 'nobody'")


async def test_time_expires_and_ends(url: str) -> None:
    async with world(url) as here:
        await here.desk.create(fields(), "desk 3", None)
        await here.desk.create(fields(notice_id="N2"), "desk 3", None)
        await here.desk.step("N2", "activate", "desk 3", None)
        here.now_s = made.NOON_S + 3600
        await here.desk.refresh()
        assert {name: one.state.value for name, one in here.in_force.items()} == {"N1": "expired", "N2": "ended"}
        taken = len(here.taken)
        await here.desk.refresh()
        assert len(here.taken) == taken, "nothing changed, nothing is read again"
        history = await here.desk.show("N1")
        assert [(one["step"], one["by"]) for one in history["revisions"]] == [("create", "desk 3"), ("expire", "time")]
        here.now_s += BEHIND_S
        await here.desk.create(fields(notice_id="N3", volumes=(made.window(end_s=here.now_s + 9),)), "desk 3", None)
        assert set(here.in_force) == {"N3"}


async def test_lists_are_filtered(url: str) -> None:
    hour = 3600.0
    filed = made.notice(notice_id="F1", volumes=(made.window(start_s=made.NOON_S - 9, end_s=made.NOON_S + 9),))
    async with world(url, filed=[filed]) as here:
        for name, start_s in (("early", -9 * hour), ("now", -hour), ("tomorrow", 23 * hour), ("later", 25 * hour)):
            window = made.window(start_s=made.NOON_S + start_s, end_s=made.NOON_S + start_s + 2 * hour)
            await here.desk.create(fields(notice_id=name, volumes=(window,)), "desk 3", None)
        await here.desk.step("now", "cancel", "desk 3", None)

        async def ids(*asked: Any) -> list[str]:
            return [line["notice_id"] for line in await here.desk.list(*asked)]

        assert await ids([], None, None) == ["now", "F1", "tomorrow"]
        assert await ids([NoticeState.CANCELLED], None, None) == ["now"]
        assert await ids([], made.NOON_S - 8 * hour, made.NOON_S - hour) == ["early"]
        assert await ids([], made.NOON_S + 2 * hour, made.NOON_S + 40 * hour) == ["tomorrow", "later"]


async def test_the_same_file_again_changes_nothing(url: str) -> None:
    found = notice_files.read(examples.godrone().encode(), "godrone.csv").notices
    async with world(url) as here:
        here.now_s = found[0].start_s
        first = await here.desk.take_in(found, "import godrone.csv")
        renamed = [replace(notice, source="tomorrow.csv") for notice in found]
        again = await here.desk.take_in(renamed, "import tomorrow.csv")
        assert (first.new, first.changed, first.unchanged) == (4, 0, 0)
        assert (again.new, again.changed, again.unchanged, again.refused) == (0, 0, 4, ())
        await here.desk.revise("GD-2026-0412", 1, {"callsign": "TV 9"}, "desk 3", None)
        await here.desk.step("GD-2026-0413", "cancel", "desk 3", None)
        assert (await here.desk.take_in(found, "import")).unchanged == 4, "what was done here since stays"
        longer = replace(found[0], volumes=(replace(found[0].volumes[0], end_s=found[0].end_s + 60),))
        wrong = replace(found[1], callsign="ZULU 13")
        moved = await here.desk.take_in([longer, wrong, *found[2:]], "import late.csv")
        assert (moved.changed, moved.unchanged) == (1, 2)
        assert [(one.place, one.what) for one in moved.refused] == [
            ("notice GD-2026-0413", "passed over: state: it is cancelled here, the file says approved")
        ]
        told = await here.desk.show("GD-2026-0412")
        assert [(one["step"], one["by"]) for one in told["revisions"]][-1] == ("import", "import late.csv")
        assert told["callsign"] == "TV 1"
        withdrawn = replace(longer, state=NoticeState.CANCELLED)
        await here.desk.take_in([withdrawn], "import")
        assert here.in_force["GD-2026-0412"].cancelled_s == here.now_s, "so that there is a grace time"


async def test_statistics_mode_keeps_no_serial_and_still_matches(url: str) -> None:
    async with world(url, STATISTICS) as here:
        told = await here.desk.create(fields(), "desk 3", None)
        revised = await here.desk.revise("N1", 1, {"callsign": "TV 2"}, "desk 3", None)
        pseudonym = alias(STATISTICS)(made.SERIAL)
        assert told["notice"]["uas_serials"] == revised["notice"]["uas_serials"] == [pseudonym]
        assert pseudonym != STATISTICS.pseudonym("uas", made.SERIAL), "notices and flights cannot be joined by it"
        assert here.in_force["N1"].uas_serials == (pseudonym,)
    held = dump(url)
    assert made.SERIAL not in held
    assert REGISTRATION not in held


async def test_what_enforcement_kept_is_taken_out_when_the_mode_changes(url: str) -> None:
    async with world(url, ENFORCEMENT) as here:
        await here.desk.create(fields(), "desk 3", None)
        await here.desk.revise("N1", 1, {"uas_serials": [made.SERIAL, "TEST4ZZZZ"]}, "desk 3", None)
    assert made.SERIAL in dump(url)
    async with world(url, STATISTICS) as here:
        assert here.in_force["N1"].uas_serials == tuple(map(alias(STATISTICS), (made.SERIAL, "TEST4ZZZZ")))
    held = dump(url)
    assert made.SERIAL not in held
    assert REGISTRATION not in held


async def test_a_notice_is_forgotten_with_its_history(url: str) -> None:
    async with world(url) as here:
        await here.desk.create(fields(), "desk 3", None)
        await here.desk.create(fields(notice_id="N2", volumes=(made.window(end_s=made.NOON_S + 7200),)), "desk 3", None)
        after_s = made.NOON_S + 3600 + 10 * 86_400
        async with here.store.reading() as connection:
            assert (await sweep(connection, after_s, Retention(notice_days=10.0))).notices == 0
            assert (await sweep(connection, after_s + 1, Retention(notice_days=10.0))).notices == 1
        await here.desk.refresh()
    assert rows(url, "select notice_id from notice_revision") == [("N2",)]


async def test_a_record_that_cannot_be_read_takes_no_other_down(url: str) -> None:
    async with world(url) as here:
        await here.desk.create(fields(), "desk 3", None)
        await here.desk.create(fields(notice_id="N2"), "desk 3", None)
    with psycopg.connect(url) as connection:
        connection.execute("update notice set document = '{}' where notice_id = 'N1'")
    async with world(url) as here:
        assert set(here.in_force) == {"N2"}
