"""Notices through a running service: entered over HTTP, in force at the next tick, kept over a restart."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from airspace.app.assembly import Assembly
from airspace.app.notice_records import alias
from airspace.app.rules import Rulebook
from airspace.app.service import serve
from airspace.demo import facts
from airspace.model.detection import EuCategory
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.model.units import rfc3339
from airspace.service import config
from airspace.simulation import encoder
from geofences.notices.book import GRACE_S
from tests.servers.postgres import dump
from tests.servers.service import free_port

SERIAL = "9ZZZ8NTC00001"
OPERATOR = "NLDx1y2z3a4b5c6d"
SOON_S = 10  # of the story: what follows at the next tick is told by then
STORY_S = 3600.0


@dataclass(frozen=True)
class Delivery:
    messages: tuple[RawMessage, ...]
    stored: asyncio.Event

    async def acknowledge(self) -> None:
        self.stored.set()


class Story:
    """The clock, and one drone over the ArenA, heard every second of it; a second passes when the test says so."""

    name = "story"

    def __init__(self) -> None:
        self.now_s = facts.EVENING_S
        self._heard: asyncio.Queue[Delivery] = asyncio.Queue(maxsize=1)

    def __call__(self) -> float:
        return self.now_s

    async def second(self) -> None:
        """A second passes: the drone is heard, and what it led to is stored. Its tick is over with the next second."""
        self.now_s += 1.0
        message = RawMessage(payload=told(self.now_s), received_s=self.now_s, place="/sensor/arena/upload")
        delivery = Delivery((message,), asyncio.Event())
        await self._heard.put(delivery)
        await delivery.stored.wait()

    async def deliveries(self) -> AsyncIterator[Delivery]:
        while True:
            yield await self._heard.get()


def told(now_s: float) -> bytes:
    position = encoder.location(
        latitude_deg=facts.ARENA[0],
        longitude_deg=facts.ARENA[1],
        altitude_wgs84_m=facts.GROUND_WGS84_M + 50.0,
        height_m=50.0,
        horizontal_accuracy_m=3.0,
        vertical_accuracy_m=3.0,
        time_s=now_s,
    )
    pack = encoder.pack([encoder.basic_id(SERIAL), position, encoder.system(eu_category=EuCategory.OPEN, time_s=now_s)])
    data = {
        "sensor ID": "arena",
        "timestamp": round(now_s * 1000.0),
        "RSSI": -60,
        "channel": 6,
        "MAC address": "02:00:00:00:00:01",
        "type": "WiFi beacon",
        "UASdata": base64.b64encode(pack).decode(),
    }
    return json.dumps({"protocol": 1.0, "data": data}).encode()


def privacy(mode: Mode) -> Privacy:
    return Privacy(mode=mode, key=b"a key of the tests, 32 bytes long")


@asynccontextmanager
async def service(url: str, story: Story, mode: Mode, zones: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The whole service in this process, up when it answers."""
    started = asyncio.Event()
    port = free_port()
    none = zones.with_name("notices.json")
    none.write_bytes(b"[]")  # known to be empty, so that a flight without a notice is a violation
    assembly = Assembly(
        url=url,
        privacy=privacy(mode),
        rulebook=Rulebook([zones], [none], alias=alias(privacy(mode)), clock=story),
        sensors=[Sensor(sensor_id="arena", name="ArenA", kind="remote_id")],
        sources=[story],
        channels=[],
        settings=config.Settings(console=config.Console(port=port)),
        clock=story,
        started=lambda _: started.set(),
    )
    stop = asyncio.Event()
    running = asyncio.create_task(serve(assembly, stop))
    try:
        await started.wait()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        stop.set()
        await running


Lines = list[dict[str, Any]]


async def until(story: Story, client: httpx.AsyncClient, condition: Callable[[Lines], bool], within_s: int) -> Lines:
    """The alerts about the drone in the control zone, at the first second at which they are so."""
    for _ in range(within_s):
        await story.second()
        alerts = [alert for alert in (await client.get("/api/v1/alerts")).json() if alert["group"] == "ctr-eham"]
        if condition(alerts):
            return alerts
    pytest.fail(f"not within {within_s} seconds: {alerts}")


def violations(alerts: Lines) -> Lines:
    return [one for one in alerts if one["state"] != "closed" and one["verdict"] == "violation"]


def is_told(alerts: Lines) -> bool:
    return bool(violations(alerts))


def entry(story: Story, **changes: Any) -> dict[str, Any]:
    now_s = story()
    volume = {
        "outline_circle": {
            "center": {"lat": facts.ARENA[0], "lng": facts.ARENA[1]},
            "radius": {"value": 300, "units": "M"},
        },
        "altitude_lower": {"value": facts.GROUND_WGS84_M - 5, "reference": "W84", "units": "M"},
        "altitude_upper": {"value": facts.GROUND_WGS84_M + 120, "reference": "W84", "units": "M"},
    }
    window = {
        "volume": volume,
        "time_start": {"value": rfc3339(now_s - 600)},
        "time_end": {"value": rfc3339(now_s + STORY_S)},
    }
    return {
        "id": "N-1",
        "uas_serials": [SERIAL],
        "operator_registration": f"{OPERATOR}-xyz",
        "callsign": "TV 1",
        "volumes": [window],
    } | changes


async def post(client: httpx.AsyncClient, path: str, status: int = 200, **body: Any) -> Any:
    answer = await client.post(f"/api/v1/notices{path}", json={"by": "desk 3"} | body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_bytes(facts.zones())
    return path


@pytest.mark.parametrize("mode", Mode)
async def test_a_notice_allows_a_flying_drone_and_its_end_is_told_after_the_grace(
    url: str, zones: Path, mode: Mode
) -> None:
    story = Story()
    async with service(url, story, mode, zones) as client:
        await until(story, client, is_told, SOON_S)
        made = await post(client, "", 201, notice=entry(story))
        assert (made["state"], made["version"]) == ("requested", 1)
        (alert,) = await until(story, client, lambda alerts: alerts[0]["notice_id"] == "N-1", 3)
        assert alert["reason"] == "notice_not_approved"
        await post(client, "/N-1/approve", note="LVNL by telephone")
        (closed,) = await until(story, client, lambda alerts: not violations(alerts), 3)
        assert closed["state"] == "closed"
        cancelled_s = story()
        await post(client, "/N-1/cancel", version=2)
        alerts = await until(story, client, is_told, int(GRACE_S) + SOON_S)
        assert 0 <= story() - cancelled_s - GRACE_S <= 3
        (anew,) = violations(alerts)
        assert anew["reason"] == "notice_not_approved"
        assert anew["notice_gap"]["state"] == "cancelled"
        history = (await client.get("/api/v1/notices/N-1")).json()["revisions"]
    assert [(one["step"], one["by"], one["note"]) for one in history] == [
        ("create", "desk 3", None),
        ("approve", "desk 3", "LVNL by telephone"),
        ("cancel", "desk 3", None),
    ]
    held = dump(url)
    assert (SERIAL in held) is (mode is Mode.ENFORCEMENT)
    assert (OPERATOR in held) is (mode is Mode.ENFORCEMENT)
    assert "xyz" not in held


@pytest.mark.parametrize("mode", Mode)
async def test_a_stored_notice_is_in_force_after_a_restart_in_either_mode(url: str, zones: Path, mode: Mode) -> None:
    story = Story()
    async with service(url, story, Mode.ENFORCEMENT, zones) as client:
        await post(client, "", 201, notice=entry(story, state="approved"))
        assert SERIAL in dump(url)
    async with service(url, story, mode, zones) as client:
        for _ in range(SOON_S):
            await story.second()
        (track,) = (await client.get("/api/v1/tracks")).json()
        assert (track["verdict"], track["notice_id"]) == ("allowed", "N-1")
        shown = (await client.get("/api/v1/notices/N-1")).json()
    notice = "\n".join(line for line in dump(url).splitlines() if line.startswith("notice"))
    if mode is Mode.STATISTICS:
        assert shown["notice"]["uas_serials"] == [alias(privacy(mode))(SERIAL)]
        assert shown["notice"]["operator_registration"] is None
        assert SERIAL not in notice
        assert OPERATOR not in notice
    else:
        assert shown["notice"]["uas_serials"] == [SERIAL]


async def test_time_expires_a_notice_and_the_flight_is_told_after_the_grace(url: str, zones: Path) -> None:
    story = Story()
    window = entry(story)["volumes"][0] | {"time_end": {"value": rfc3339(story() + 30)}}
    async with service(url, story, Mode.STATISTICS, zones) as client:
        await post(client, "", 201, notice=entry(story, state="approved", volumes=[window]))
        alerts = await until(story, client, is_told, 30 + int(GRACE_S) + SOON_S)
    assert 0 <= story() - facts.EVENING_S - 30 - GRACE_S <= 3
    assert violations(alerts)[0]["reason"] == "notice_wrong_time"
