"""Sensors of the soak, each a process that may be killed: ``python -m bench.night.senders FEED PORT LEDGER``.

Feeds: ``mast`` publishes DroneScout JSON with QoS 1, ``roof`` is a TCP server that lines are fetched from, ``van``
pushes over HTTP. Each hears as many drones as its rate, once a second; a drone lives four minutes, and another takes
its place. What the other end took on is written to the ledger, a line ``SERIAL SECOND`` each: PUBACK, the kernel, 202.
What it did not take is sent again.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import aiomqtt

from airspace.model.units import rfc3339
from airspace.service.clock import wall_clock
from airspace.simulation import encoder
from bench.flood import CENTRE

DRONES: Final = {"mast": 100, "roof": 50, "van": 50}
TOPIC: Final = "airspace/v1/bench/sensor/mast/detection"
SECRET: Final = "the secret of the van"
LIFE_S: Final = 240
INTRUDES_EVERY_S: Final = 210
INTRUDES_FOR_S: Final = 60  # and stands on the ground at the end
LANDS_FOR_S: Final = 6
_FIELD: Final = (CENTRE[0] + 0.1, CENTRE[1] - 0.1)  # 11 km north of the zone
_SPACING_DEG: Final = 0.004
SPEED_M_S: Final = 4.0  # northward
HEIGHT_M: Final = 60.0
_STEP_DEG: Final = SPEED_M_S / 111_267.0  # of latitude, here
_RETRY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """One sighting."""

    serial: str
    second: int
    latitude_deg: float
    longitude_deg: float
    landed: bool = False


def sky(feed: str, second: int) -> Iterator[Told]:
    """Who is heard by a feed in a second: the same in every run, whoever was killed before."""
    letter, count = feed[0].upper(), DRONES[feed]
    for slot in range(count):
        generation, age_s = divmod(second + slot * LIFE_S // count, LIFE_S)
        row, column = divmod(slot, 10)
        latitude_deg = _FIELD[0] + row * _SPACING_DEG * 3 + age_s * _STEP_DEG
        longitude_deg = _FIELD[1] + (column + 15 * list(DRONES).index(feed)) * _SPACING_DEG
        yield Told(f"9ZZZ8{letter}{slot:02d}{generation % 100_000:05d}", second, latitude_deg, longitude_deg)
    number, age_s = divmod(second, INTRUDES_EVERY_S)
    if feed == "mast" and age_s < INTRUDES_FOR_S:
        landed = age_s >= INTRUDES_FOR_S - LANDS_FOR_S
        flown_s = min(age_s, INTRUDES_FOR_S - LANDS_FOR_S)
        yield Told(intruder(number), second, CENTRE[0] + flown_s * _STEP_DEG, CENTRE[1], landed)


def intruder(number: int) -> str:
    """The drone that flies into the zone in this period."""
    return f"9ZZZ8I{number % 10_000_000:07d}"


def intrudes(second: float) -> bool:
    """Whether one is in the zone."""
    return second % INTRUDES_EVERY_S < INTRUDES_FOR_S


def lands(second: float) -> bool:
    """Whether one says just now that it has landed."""
    return intrudes(second) and not intrudes(second + LANDS_FOR_S + 1)


class Ledger:
    """What was taken on, on disk before anything else happens."""

    def __init__(self, file: str) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, told: list[Told]) -> None:
        """These are safe."""
        os.write(self._file, "".join(f"{one.serial} {one.second}\n" for one in told).encode())


def _scout(told: Told) -> bytes:
    """As a DroneScout says it."""
    pack = encoder.pack(
        [
            encoder.basic_id(told.serial, id_type=1, ua_type=2),
            encoder.location(
                status=1 if told.landed else 2,
                track_deg=0.0,
                speed_m_s=0.0 if told.landed else SPEED_M_S,
                vertical_speed_m_s=0.0,
                latitude_deg=told.latitude_deg,
                longitude_deg=told.longitude_deg,
                height_m=0.0 if told.landed else HEIGHT_M,
                horizontal_accuracy_m=10.0,
                vertical_accuracy_m=10.0,
                time_s=float(told.second % 3600),
            ),
        ]
    )
    address = ":".join(f"{letter:02X}" for letter in hashlib.sha256(told.serial.encode()).digest()[:5])
    data = {
        "sensor ID": "mast",
        "RSSI": -60,
        "channel": 6,
        "timestamp": told.second * 1000,
        "MAC address": f"02:{address}",
        "type": "WiFi beacon",
        "UASdata": base64.b64encode(pack).decode(),
    }
    return json.dumps({"protocol": 1.0, "data": data}).encode()


def _line(told: Told, feed: str) -> bytes:
    at = rfc3339(told.second)
    return json.dumps(
        {
            "time": at,
            "received": at,
            "source": "remote_id",
            "transport": "ble5",
            "sensor": feed,
            "uas_id": told.serial,
            "uas_id_type": "serial",
            "ua_type": "multirotor",
            "status": "airborne",
            "latitude_deg": told.latitude_deg,
            "longitude_deg": told.longitude_deg,
            "height_m": HEIGHT_M,
            "height_reference": "ground",
            "speed_m_s": SPEED_M_S,
            "track_deg": 0.0,
        }
    ).encode()


def seconds() -> Iterator[int]:
    """Each second once it is there; those that were missed at once."""
    second = int(wall_clock())
    while True:
        second += 1
        time.sleep(max(0.0, second - wall_clock()))
        yield second


def mast(port: int, ledger: Ledger) -> None:
    """QoS 1; what was not acknowledged when the link broke is published again, the same."""
    asyncio.run(_publish(port, ledger))


async def _publish(port: int, ledger: Ledger) -> None:
    due = int(wall_clock())
    waiting: list[Told] = []
    while True:
        try:
            async with aiomqtt.Client("127.0.0.1", port, max_inflight_messages=1000, timeout=5.0) as client:
                client.pending_calls_threshold = 10_000
                while True:
                    while due < int(wall_clock()):
                        due += 1
                        waiting += sky("mast", due)
                    await _published(client, waiting, ledger)
                    await asyncio.sleep(max(0.0, due + 1 - wall_clock()))
        except aiomqtt.MqttError:
            await asyncio.sleep(_RETRY_S)


async def _published(client: aiomqtt.Client, waiting: list[Told], ledger: Ledger) -> None:
    """Publish what waits; what was not acknowledged waits on. MqttError if anything does."""
    sent = [client.publish(TOPIC, _scout(one), qos=1) for one in waiting]
    answers = list(zip(waiting, await asyncio.gather(*sent, return_exceptions=True), strict=True))
    ledger.write([one for one, answer in answers if not isinstance(answer, BaseException)])
    waiting[:] = [one for one, answer in answers if isinstance(answer, BaseException)]
    if waiting:
        raise aiomqtt.MqttError("not acknowledged")


def roof(port: int, ledger: Ledger) -> None:
    """Lines to whoever is connected; what nobody fetches is heard by nobody."""
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            link, _ = server.accept()
            try:
                for second in seconds():
                    told = list(sky("roof", second))
                    link.sendall(b"".join(_line(one, "roof") + b"\n" for one in told))
                    ledger.write(told)
            except OSError:
                link.close()


def van(port: int, ledger: Ledger) -> None:
    """A body a second, again until it is taken."""
    for second in seconds():
        told = list(sky("van", second))
        body = b"\n".join(_line(one, "van") for one in told)
        while not _pushed(port, body):
            time.sleep(_RETRY_S)
        ledger.write(told)


def _pushed(port: int, body: bytes) -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/detections", body)
    request.add_header("Authorization", f"Bearer {SECRET}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bool(answer.status == 202)
    except (OSError, urllib.error.URLError):
        return False


FEEDS: Final[dict[str, Callable[[int, Ledger], None]]] = {"mast": mast, "roof": roof, "van": van}

if __name__ == "__main__":
    FEEDS[sys.argv[1]](int(sys.argv[2]), Ledger(sys.argv[3]))
