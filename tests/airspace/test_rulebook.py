"""Zone and notice files under a running service: taken whole or not at all, the last good set stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from airspace.app.rules import Rulebook
from airspace.demo import facts
from airspace.model.notice import NoticeState
from geofences.notices.book import Doubt
from geofences.zone_set import ZoneFileError


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_bytes(facts.zones())
    return path


@pytest.fixture
def notices(tmp_path: Path) -> Path:
    path = tmp_path / "notices.json"
    path.write_bytes(facts.notices(facts.EVENING_S))
    return path


async def test_a_changed_file_is_taken_in(zones: Path, notices: Path) -> None:
    changed: list[str] = []
    book = Rulebook([zones], [notices])
    before = book.catalogue
    await book.reload(lambda: changed.append("zones"))
    assert book.catalogue is before
    zones.write_bytes(facts.zones().replace(b'"name": "ArenA: ring"', b'"name": "Ring"'))
    await book.reload(lambda: changed.append("zones"))
    assert changed == ["zones"]
    assert "Ring" in {zone.name for zone in book.catalogue.zones}


@pytest.mark.parametrize("broken", [b"", b"{}", b'{"features": 3}', b"\xff\xfe", None])
async def test_a_file_that_cannot_be_used_leaves_the_last_good_set(
    zones: Path, notices: Path, broken: bytes | None
) -> None:
    book = Rulebook([zones], [notices])
    before, told = book.catalogue, book.book
    for path in (zones, notices):
        if broken is None:
            path.unlink()
        else:
            path.write_bytes(broken)
    await book.reload(lambda: pytest.fail("no zones were taken"))
    assert book.catalogue is before
    assert book.book.notices == told.notices
    assert book.book.doubt(facts.EVENING_S) is Doubt.UNREADABLE, "what is new in the list nobody knows"
    assert book.health["zones"].startswith("last good set in force: ")
    assert book.health["notices"].startswith("last good set in force: ")
    zones.write_bytes(facts.zones())
    await book.reload(lambda: None)
    assert book.health["zones"] == "ok"


def test_at_the_start_a_bad_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "zones.json"
    path.write_bytes(b"[]")
    with pytest.raises(ZoneFileError, match=r"zones\.json"):
        Rulebook([path], [])


async def test_stored_notices_stand_beside_those_of_files_and_before_their_like(zones: Path, notices: Path) -> None:
    book = Rulebook([zones], [notices])
    stored = replace(book.filed[0], callsign="TV 9"), replace(book.filed[0], notice_id="S1")
    await book.use_stored(stored)
    assert [(one.notice_id, one.callsign) for one in book.book.notices] == [
        ("DEMO-1", "TV 9"),
        ("S1", "TV 1"),
        ("DEMO-2", "INSPECT 7"),
    ]
    notices.write_bytes(facts.notices(facts.EVENING_S).replace(b"INSPECT 7", b"INSPECT 8"))
    await book.reload(lambda: None)
    assert [one.callsign for one in book.book.notices] == ["TV 9", "TV 1", "INSPECT 8"]
    await book.use_stored([])
    assert [one.callsign for one in book.book.notices] == ["TV 1", "INSPECT 8"]


async def test_a_notice_that_is_gone_from_its_file_is_cancelled_since_then(zones: Path, notices: Path) -> None:
    now_s = facts.EVENING_S + 60
    book = Rulebook([zones], [notices], clock=lambda: now_s)
    notices.write_bytes(b"[]")
    await book.reload(lambda: None)
    assert {(one.state, one.cancelled_s) for one in book.book.notices} == {(NoticeState.CANCELLED, now_s)}
