"""Bytes to rows that may enter the log: ``python -m bench.ingest [--quick] [--json FILE]``.

Every format as a live service reads it: ``detect`` finds out which it is, the gate recognises identities, looks at
clocks, marks what is old and keeps the budgets. Rates are rows per CPU second at batches of 1, 256 and 4096. Beside
DroneScout's JSON, on the same messages in the same run:

- ``json + base64 + struct, a message at a time``: what a subscriber in plain Python does, written here from the tables
  of the standard: all fields of the three messages into a dictionary, no checks, no unknowns, no gate;
- RemoteIDReceiver's and BlueMark's own code where ``AIRSPACE_BENCH_PEERS`` names a folder that holds them
  (``bench.decode_peers``), else null with the reason. They decode and do no more.

Then the gate alone, on rows that are decoded already: quiet, and in a flood of which most is shed.
"""

from __future__ import annotations

import base64
import json
import struct
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, Final

import numpy as np

from airspace.model.detection import Detections, texts
from airspace.model.message import Decoded, RawMessage
from airspace.model.ports import Format
from airspace.model.sensor import Sensor
from bench.decode_peers import Peer, bluemark, remote_id_receiver
from bench.report import Row, finish, options, rate
from bench.samples import DRONES, NOW_S, Sample, samples
from bench.workload import City
from receivers.formats.detect import FORMATS
from receivers.gate import Gate

BATCHES: Final = (1, 256, 4096)
PEER_MESSAGES: Final = 1024
PLAIN: Final = "json + base64 + struct, a message at a time"
SENSORS: Final = {
    name: Sensor(sensor_id=name, name=name, kind="remote_id") for name in ("north", "df-1", "scout-1", "mast")
}
GATE_US: Final = 110.0  # of a quiet batch of 256, on the machine of docs/performance.md
BASIC_ID: Final = struct.Struct("<BB20s3x")
LOCATION: Final = struct.Struct("<BBBBbiiHHHBBHBx")
SYSTEM: Final = struct.Struct("<BBiiHBHHBHIx")


def plain(messages: Sequence[bytes]) -> int:
    """The plain subscriber's work."""
    return sum(bool(_plain(message)) for message in messages)


def _plain(message: bytes) -> dict[str, Any]:
    data = json.loads(message)["data"]
    raw = base64.b64decode(data["UASdata"])
    found: dict[str, Any] = {"sensor": data["sensor ID"], "rssi": data["RSSI"], "mac": data["MAC address"]}
    for number in range(raw[2]):
        body = raw[3 + 25 * number : 28 + 25 * number]
        kind = body[0] >> 4
        if kind == 0:
            _, types, serial = BASIC_ID.unpack(body)
            found |= {"id_type": types >> 4, "ua_type": types & 15, "id": serial.rstrip(b"\0").decode("ascii")}
        elif kind == 1:
            found |= _location(LOCATION.unpack(body))
        elif kind == 4:
            found |= _system(SYSTEM.unpack(body))
    return found


def _location(fields: tuple[int, ...]) -> dict[str, Any]:
    _, bits, track, speed, climb, latitude, longitude, pressure, geodetic, height, accuracy, more, tenths, late = fields
    return {
        "status": bits >> 4,
        "track": track + 180 * (bits >> 1 & 1),
        "speed": speed * 0.75 + 63.75 if bits & 1 else speed * 0.25,
        "climb": climb * 0.5,
        "latitude": latitude / 1e7,
        "longitude": longitude / 1e7,
        "pressure": pressure / 2 - 1000,
        "altitude": geodetic / 2 - 1000,
        "height": height / 2 - 1000,
        "accuracy": (accuracy & 15, accuracy >> 4, more),
        "time": tenths / 10,
        "time_accuracy": late,
    }


def _system(fields: tuple[int, ...]) -> dict[str, Any]:
    _, bits, latitude, longitude, drones, radius, ceiling, floor, category, altitude, said = fields
    return {
        "operator_kind": bits & 3,
        "operator_latitude": latitude / 1e7,
        "operator_longitude": longitude / 1e7,
        "area": (drones, radius * 10, ceiling / 2 - 1000, floor / 2 - 1000),
        "category": category,
        "operator_altitude": altitude / 2 - 1000,
        "said": said,
    }


BESIDE: Final[dict[str, list[Callable[[], Peer]]]] = {
    "dronescout, messages": [
        lambda: Peer(name=PLAIN, version="written here", run=plain),
        partial(remote_id_receiver, from_json=True),
    ],
    "dronescout, structure": [bluemark],
}


class Intake:
    """A decoder and a gate that lets everything through, at a log time that goes on."""

    def __init__(self, decode: Format) -> None:
        self._decode = decode
        self._gate = open_gate()
        self._turn = count()
        self._warm = False

    def __call__(self, messages: Sequence[RawMessage]) -> int:
        """How many rows passed. At first the gate hears all of them twice, so that they are known to it."""
        if not self._warm:
            self._warm = True
            for second in (1.0, 6.0):
                self._gate.admit(self._decode(messages), NOW_S + second)
        now_s = NOW_S + 6.0 + next(self._turn) * 1e-4
        return len(self._gate.admit(self._decode(messages), now_s).detections)


def open_gate(rows_per_second: float = 1e9) -> Gate:
    return Gate(SENSORS, accept_unknown_sensors=True, rows_per_second=rows_per_second)


def decoder(sample: Sample, messages: Sequence[RawMessage]) -> tuple[str, Format]:
    """As a live service would, unless the form only shows when it is named (a table without its heading)."""
    found = FORMATS["auto"]
    if len(found(messages).detections) == len(messages):
        return sample.name, found
    return f"{sample.name} (named)", sample.decode


def rows_of(sample: Sample, least_s: float, runs: int, absent: dict[str, str | None]) -> list[Row]:
    """A line a batch, and one more for each peer beyond the first."""
    messages = sample.messages(BATCHES[-1])
    name, decode = decoder(sample, messages)
    payloads = [message.payload for message in messages[:PEER_MESSAGES]]
    beside = []
    for make in BESIDE.get(sample.name, [lambda: Peer(name="")]):
        peer = make()
        if peer.name and peer.run is None:
            absent[peer.name] = peer.reason
        beside.append((peer, None if peer.run is None else rate(partial(peer.run, payloads), least_s, runs)))
    rows = []
    for batch in BATCHES:
        intake = Intake(decode)
        intake(messages[:batch])
        ours = rate(partial(intake, messages[:batch]), least_s, runs)
        rows += [
            Row(
                case=name,
                size=len(payloads[0]),
                batch=batch,
                rate_per_cpu_s=ours,
                peer=peer.name or None,
                peer_version=peer.version,
                peer_rate_per_cpu_s=theirs,
                ratio=None if theirs is None else ours / theirs,
            )
            for peer, theirs in beside
        ]
    return rows


def gate_alone(*, flood: bool, batches: int) -> float:
    """CPU microseconds of a batch of 256 rows: of known drones, or of strangers of which nine in ten are shed."""
    n, gate, best = 256, open_gate(2560.0 if flood else 1e9), float("inf")
    for run in range(3):
        made = [_known(n, run * 1000 + turn, flood=flood) for turn in range(batches)]
        for one, now_s in made[: batches // 2]:
            gate.admit(one, now_s)
        start = time.process_time()
        for one, now_s in made[batches // 2 :]:
            gate.admit(one, now_s)
        best = min(best, (time.process_time() - start) / (batches - batches // 2))
    return 1e6 * best


def _known(n: int, turn: int, *, flood: bool) -> tuple[Decoded, float]:
    now_s = NOW_S + turn * (0.01 if flood else 0.1)
    first = turn * n if flood else 0
    rows = Detections.build(
        n,
        sensor=texts(["north"] * n),
        uas_id=texts([f"9ZZZ8{first + number:09d}" for number in range(n)]),
        received_s=np.full(n, now_s),
        time_s=np.full(n, now_s - 0.5),
        latitude_deg=np.linspace(52.2, 52.5, n),
        longitude_deg=np.linspace(4.7, 5.1, n),
    )
    return Decoded(detections=rows), now_s


def main() -> None:
    """Run all cases and print them."""
    arguments = options(__doc__ or "").parse_args()
    least_s, runs = (0.1, 2) if arguments.quick else (0.5, 3)
    city = City(DRONES)
    rows: list[Row] = []
    absent: dict[str, str | None] = {}
    checks: dict[str, bool] = {}
    for sample in samples(city):
        rows += rows_of(sample, least_s, runs, absent)
        messages = sample.messages(256)
        checks[f"every row of {sample.name} passes"] = Intake(decoder(sample, messages)[1])(messages) == len(messages)
    gate_us = {name: gate_alone(flood=name == "flood", batches=200) for name in ("quiet", "flood")}
    print(f"gate alone, CPU microseconds a batch of 256: {gate_us}")
    checks[f"gate under {GATE_US:.0f} us a quiet batch of 256"] = gate_us["quiet"] < GATE_US
    at_256 = next(row for row in rows if row.batch == 256 and row.peer == PLAIN)
    checks["faster than plain Python without a gate, at batch 256"] = (at_256.ratio or 0.0) > 1.0
    finish("ingest", rows, checks, arguments.json, gate_us_per_256_rows=gate_us, peers_not_installed=absent)


if __name__ == "__main__":
    main()
