"""A sensor may be heard and blind: what it says of its own work is read, and told to whoever asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from airspace.app.core import DECODE
from airspace.app.doctor import links
from airspace.app.doctor.finding import State
from airspace.model.commit import Commit
from airspace.model.log import Heartbeat, Working
from airspace.store.records import heartbeat_records
from receivers.formats.condition import SAYS_CHARACTERS
from tests.cases import given
from tests.cases.said import AWAY, BLIND, HOSTILE, T0, UNSAID, WELL, dronescout, message, readsb, rf, sapient


def beat(payload: bytes, place: str = "") -> Heartbeat:
    decoded = DECODE([message(payload, place)])
    assert decoded.rejects == ()
    (found,) = decoded.heartbeats
    assert found.sensor == "roof"
    return found


@pytest.mark.parametrize("name", BLIND)
def test_it_says_that_it_is_blind(name: str) -> None:
    make, says = BLIND[name]
    found = beat(make())
    assert (found.working, found.says, found.unclear, found.gone) == (Working.BLIND, says, None, True)


@pytest.mark.parametrize("name", AWAY)
def test_it_says_that_it_goes(name: str) -> None:
    make, place, says = AWAY[name]
    found = beat(make(), place)
    assert (found.working, found.says, found.gone) == (Working.AWAY, says, True)


@pytest.mark.parametrize("name", WELL)
def test_it_says_that_it_is_well(name: str) -> None:
    found = beat(WELL[name]())
    assert (found.working, found.says, found.unclear, found.gone) == (Working.WELL, None, None, False)


@pytest.mark.parametrize("name", UNSAID)
def test_what_is_not_documented_is_told_and_not_believed(name: str) -> None:
    make, unclear = UNSAID[name]
    found = beat(make())
    assert (found.working, found.says, found.unclear, found.gone) == (Working.UNSAID, None, unclear, False)


def test_a_hostile_reason_is_cleaned_and_cut() -> None:
    for payload in (rf(fault="\x1b[31m<b>x\u202e\r\ny"), sapient(3, (4, 1, HOSTILE)), dronescout(HOSTILE)):
        found = beat(payload)
        words = found.says or found.unclear or ""
        assert words
        assert words.isprintable()
        assert len(words) <= SAYS_CHARACTERS


def test_a_goodbye_is_stored_as_no_sign_of_life() -> None:
    beats = (Heartbeat(sensor="roof", logged_s=T0), Heartbeat(sensor="roof", logged_s=T0 + 5, working=Working.AWAY))
    (record,) = heartbeat_records(Commit(heartbeats=beats))
    assert record["last"] == "2026-10-06T00:06:00.000Z"


def test_the_doctor_tells_what_a_document_says_of_its_receiver() -> None:
    (found,) = links._said("poll", [message(readsb(0)), message(readsb(0))])
    assert found.state is State.WARN
    assert found.text == "it says: 0 messages since its start"
    assert links._said("poll", [message(readsb(5))]) == []


def test_who_only_decodes_a_file_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = [dronescout("invalid license"), dronescout("tuning"), dronescout()]
    (tmp_path / "said.jsonl").write_bytes(b"\n".join(said))
    for command in ("decode", "replay"):
        answer = given.airspace(command, "said.jsonl")
        assert answer.code == 0
        assert "1 x sensor roof does not hear, it says: invalid license" in answer.err
        assert "1 x sensor roof says what is not understood: tuning" in answer.err
