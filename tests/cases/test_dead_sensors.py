"""A dead sensor whose old messages come: in the running service it is never well, and never is the sky called clear."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from airspace.model.detection import Detections
from airspace.model.log import Batch
from airspace.model.units import rfc3339
from bench.flood import CENTRE, zone_file
from tests.cases.said import message
from tests.cases.test_blind_in_service import Service, entered

HOUR_S = 3600.0
MONTH_S = 30 * 86_400.0
Sent = tuple[bytes, bool]  # payload, retained
Script = Callable[[float, float], Sequence[Sent]]  # (seconds since the start, now) -> what comes


def beat(said_s: float, **fields: Any) -> bytes:
    said = {"format": "airspace-rf-1", "kind": "heartbeat", "sensor": "roof", "time": rfc3339(said_s)}
    return json.dumps(said | fields).encode()


def row(said_s: float, uas_id: str = "9ZZZ80000000001") -> bytes:
    said = {"source": "remote_id", "sensor": "roof", "uas_id": uas_id, "uas_id_type": "serial", "status": "airborne"}
    place = {"latitude_deg": CENTRE[0], "longitude_deg": CENTRE[1]}
    return json.dumps(said | place | {"time": rfc3339(said_s), "received": rfc3339(said_s)}).encode()


def timeless() -> bytes:
    said = {"mac": "60:60:1f:aa:bb:cc", "rssi": -61, "drone_lat": CENTRE[0], "drone_long": CENTRE[1]}
    return json.dumps(said | {"drone_altitude": 120, "basic_id": "1581F5FKD229400AAAAA"}).encode()


def aircraft(now_s: float, messages: int | None = 1000) -> bytes:
    one = {"hex": "484444", "lat": CENTRE[0], "lon": CENTRE[1], "alt_baro": 500, "seen_pos": 0.4, "seen": 0.1}
    return json.dumps({"now": now_s, "messages": messages, "aircraft": [one]}).encode()


def at_once(*sent: Callable[[float], Sent]) -> Script:
    """All of it in the first second."""
    return lambda second, now_s: [one(now_s) for one in sent] if second == 1 else []


def old(payload: Callable[[float], bytes], age_s: float, *, retained: bool = False) -> Callable[[float], Sent]:
    return lambda now_s: (payload(now_s - age_s), retained)


BACKLOG = [
    *(old(beat, HOUR_S - minute * 60.0) for minute in range(10)),
    *(old(row, HOUR_S - second) for second in range(30)),
]

DEAD: dict[str, Script] = {
    "heartbeats and rows of an hour ago": at_once(*BACKLOG),
    "rows of an hour ago": at_once(*BACKLOG[10:]),
    "heartbeats, the newest 50 minutes old": at_once(*BACKLOG[:10]),
    "heartbeats, the newest 100 seconds old": at_once(old(beat, 160.0), old(beat, 100.0)),
    "rows of 100 seconds ago": at_once(old(row, 100.0)),
    "a retained row of a month ago": at_once(old(row, MONTH_S, retained=True)),
    "a retained row of a moment ago": at_once(old(row, 3.0, retained=True)),
    "a retained row without a time": at_once(lambda _: (timeless(), True)),
    "a retained row at every flap of the link": lambda second, _: [(timeless(), True)] if second % 20 == 1 else [],
    "an old queue at every flap of the link": lambda second, now_s: (
        [(beat(now_s - HOUR_S + n), False) for n in range(30)] if second % 20 == 1 else []
    ),
    "a heartbeat told again and again": lambda second, now_s: [(beat(now_s - second - 60.0), False)],
}


def run(script: Script, seconds: int, service: Service) -> Iterator[tuple[int, dict[str, Any]]]:
    for second in range(1, seconds + 1):
        yield second, service.take_all(script(second, service.now_s + 1))


@pytest.fixture(name="service")
def a_service(tmp_path: Path) -> Service:
    return Service(zones=(zone_file(tmp_path),))


@pytest.mark.parametrize("name", DEAD)
def test_a_sensor_that_brings_only_what_is_old_is_never_well(name: str, service: Service) -> None:
    for second, line in run(DEAD[name], 400, service):
        assert (line["ok"], service.state) == (False, "coverage_reduced"), second
        assert line["last_seen"] is None or line["last_seen"] <= rfc3339(service.now_s - 60.0), second
        assert line["heartbeat"] is None or line["heartbeat"] <= rfc3339(service.now_s - 60.0), second
        if "of 100 seconds" not in name:  # these are of a live picture yet
            assert service.view.status()["data_age_s"] is None
    assert not [alert for alert in service.told if alert.reason == "sensor_back"]
    assert service.told[-1].reason == "sensor_silent"


def test_when_it_lived_is_said(service: Service) -> None:
    born_s = service.now_s + 1
    for _, line in run(at_once(*BACKLOG[:10]), 200, service):
        assert (line["last_seen"], line["heartbeat"]) == (rfc3339(born_s - HOUR_S + 540.0),) * 2
    (opened,) = [alert for alert in service.told if alert.reason == "sensor_silent"]
    assert "silent for 54 minutes" in opened.sentence_en


def test_after_old_news_comes_silence_until_something_live(service: Service) -> None:
    for _ in run(at_once(*BACKLOG), 100, service):
        pass
    assert [alert.reason for alert in service.told] == ["sensor_old", "sensor_silent"]
    line = service.take_all([(beat(service.now_s - 100.0), False)])
    assert line["ok"] is False
    line = service.take_all([(beat(service.now_s), False)])
    assert (line["ok"], line["says"], service.state) == (True, None, "clear")


def test_old_words_change_nothing_that_was_said_since(service: Service) -> None:
    service.take_all([(beat(service.now_s + 1, fault="no antenna"), False)])
    line = service.take_all([(beat(service.now_s - HOUR_S), False)])
    assert (line["ok"], line["says"]) == (False, "no antenna")
    service.take_all([(beat(service.now_s + 1), False)])
    line = service.take_all([(beat(service.now_s - HOUR_S, fault="was loose"), False)])
    assert (line["ok"], line["says"]) == (True, None)


@pytest.mark.parametrize("every_s", [5, 60])
@pytest.mark.parametrize("behind_s", [40.0, HOUR_S, -HOUR_S])
def test_heartbeats_of_a_wrong_clock_are_signs_of_life(behind_s: float, every_s: int, service: Service) -> None:
    lived = [
        line["ok"]
        for second, line in run(
            lambda second, now_s: [] if second % every_s else [(beat(now_s - behind_s), False)], 600, service
        )
        if second > 3 * every_s + 10
    ]
    assert all(lived)
    assert not service.told


STILL: dict[str, Callable[[float], bytes]] = {
    "readsb": aircraft,
    "readsb that counts nothing": lambda now_s: aircraft(now_s, None),
    "own lines": row,
    "heartbeats": beat,
}


@pytest.mark.parametrize("ahead_s", [0.0, 600.0])
@pytest.mark.parametrize("name", STILL)
def test_a_document_that_stands_still_is_no_sign_of_life(name: str, ahead_s: float, service: Service) -> None:
    for _ in range(30):
        line = service.take_all([(STILL[name](service.now_s + 1 + ahead_s), False)])
    stood_s = service.now_s
    while service.now_s < stood_s + 400:
        line = service.take_all([(STILL[name](stood_s + ahead_s), False)])
        assert line["ok"] is False or service.now_s <= stood_s + 180 + 16
    assert line["ok"] is False


@pytest.mark.parametrize("name", DEAD)
def test_any_cutting_into_batches_tells_the_same(name: str, tmp_path: Path) -> None:
    told = []
    for cut in (False, True):
        service = Service(zones=(zone_file(tmp_path),))
        for second in range(1, 300):
            service.now_s += 1.0
            sent = [
                message(payload, "", service.now_s, retained=kept)
                for payload, kept in DEAD[name](second, service.now_s)
            ]
            detections, beats = entered(service.gate, sent, service.now_s)
            parts = range(len(detections)) if cut else [slice(None)]
            batches = [Batch(detections=Detections.empty(), heartbeats=(one,)) for one in beats] if cut else []
            batches += [
                Batch(
                    detections=detections.take(slice(part, part + 1) if isinstance(part, int) else part),
                    heartbeats=() if cut else beats,
                )
                for part in parts
            ]
            for batch in (*batches, Batch(detections=Detections.empty(), tick_s=service.now_s)):
                service.told.extend(service.line.apply(batch).alerts)
        told.append(service.told)
    assert told[0] == told[1]
