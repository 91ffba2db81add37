"""What sensors say of their own work, in every format that can say so: payloads, and what each means."""

from __future__ import annotations

import importlib
import json
import lzma
from collections.abc import Callable
from typing import Any

import pytest

from airspace.model.message import RawMessage
from airspace.model.units import rfc3339

T0 = 1_791_245_160.0  # 2026-10-06T00:06:00Z
HOSTILE = "\x1b[31m<b>fault</b>\u202e\r\n" + "x" * 5000


def dronescout(status: Any = "normal", key: str = "status", **fields: Any) -> bytes:
    said = {"sensor ID": "roof", "timestamp": T0 * 1000, "firmware version": "2026", "model": "ds240", "status": status}
    return json.dumps({"protocol": 1.0, key: said | fields}).encode()


def sapient(system: int = 1, *statuses: tuple[int, int, str]) -> bytes:
    made: Any = pytest.importorskip("tests.receivers.sapient_messages").status("roof")
    made.status_report.system = system
    for level, kind, value in statuses:
        made.status_report.status.add(status_level=level, status_type=kind, status_value=value)
    return str(importlib.import_module("google.protobuf.json_format").MessageToJson(made)).encode()


def rf(**fields: Any) -> bytes:
    said = {"format": "airspace-rf-1", "kind": "heartbeat", "sensor": "roof", "time": "2026-10-06T00:06:00Z"}
    return json.dumps(said | fields).encode()


def scout(receivers: Any) -> bytes:
    return json.dumps({"sn": "roof", "timestamp": T0, "gnss_satellites": 9, "receivers": receivers}).encode()


def readsb(messages: Any, aircraft: list[Any] | None = None) -> bytes:
    return json.dumps({"now": T0, "messages": messages, "aircraft": aircraft or []}).encode()


def at(payload: bytes, time_s: float) -> bytes:
    """The same, said then."""
    times = {f"{T0 * 1000}": f"{time_s * 1000}", f"{T0}": f"{time_s}", "2026-10-06T00:06:00Z": rfc3339(time_s)}
    times["2023-11-14T22:13:20.250Z"] = rfc3339(time_s)  # SAPIENT's
    for before, now in times.items():
        payload = payload.replace(before.encode(), now.encode())
    return payload


def message(payload: bytes, place: str = "", at_s: float = T0, *, retained: bool = False) -> RawMessage:
    return RawMessage(payload=payload, received_s=at_s, sensor="roof", place=place, retained=retained)


BLIND: dict[str, tuple[Callable[[], bytes], str]] = {
    "DroneScout": (lambda: dronescout("invalid license"), "invalid license"),
    "DroneScout, under data": (lambda: dronescout("invalid license", "data"), "invalid license"),
    "DroneScout, compressed": (lambda: lzma.compress(dronescout("invalid license")), "invalid license"),
    "DroneScout, spelt otherwise": (lambda: dronescout(" Invalid Licence."), "Invalid Licence."),
    "SAPIENT error": (lambda: sapient(3), "error"),
    "SAPIENT error with its cause": (lambda: sapient(3, (4, 1, "antenna")), "error, internal fault: antenna"),
    "SAPIENT tamper, version 7": (lambda: sapient(4), "tamper"),
    "SAPIENT tamper, in words": (lambda: sapient(4).replace(b'"system": 4', b'"system": "SYSTEM_TAMPER"'), "tamper"),
    "SAPIENT ok, and yet": (lambda: sapient(1, (4, 2, "jammed")), "external fault: jammed"),
    "SAPIENT not detecting": (lambda: sapient(1, (2, 11, "")), "not detecting"),
    "Dronetag, none of its receivers": (lambda: scout(0), "no active receiver"),
    "Dronetag, an empty list": (lambda: scout([]), "no active receiver"),
    "RF": (lambda: rf(fault="preamplifier without power"), "preamplifier without power"),
    "RF, in its detail": (lambda: rf(detail="ERROR: antenna 3 open"), "ERROR: antenna 3 open"),
    "readsb": (lambda: readsb(0), "0 messages since its start"),
    "readsb statistics": (
        lambda: json.dumps({"now": T0, "last1min": {"start": 1, "end": 2, "messages": 0}}).encode(),
        "0 messages in the last minute",
    ),
}
AWAY: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "SAPIENT goodbye": (lambda: sapient(5), "", "goodbye"),
    "DragonSync, its broker": (lambda: b"offline", "wardragon/service/roof/availability", "offline"),
}
WELL: dict[str, Callable[[], bytes]] = {
    "DroneScout": dronescout,
    "SAPIENT ok": sapient,
    "SAPIENT warning": lambda: sapient(2, (3, 5, "much clutter")),
    "Dronetag": lambda: scout(4),
    "Dronetag, a list": lambda: scout(["BT", "WIFI"]),
    "RF": lambda: rf(noise_floor_dbm=-95.0, detail="no faults"),
    "readsb": lambda: readsb(17),
    "readsb behind a proxy that counts nothing": lambda: readsb(0, [{"hex": "484b20"}]),
    "readsb statistics": lambda: json.dumps({"now": T0, "last1min": {"messages": 3}}).encode(),
    "mesh-mapper": lambda: b'{"heartbeat":"remote_node active"}',
}
UNSAID: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "DroneScout, a word that its manual has not": (lambda: dronescout("tuning"), "tuning"),
    "DroneScout, a word that sounds bad": (lambda: dronescout("license expires soon"), "license expires soon"),
    "DroneScout, where it stands": (lambda: dronescout(None, "location", latitude=52.0, longitude=4.0), None),
    "SAPIENT, an unknown number": (lambda: sapient(9), "system 9"),
    "SAPIENT, an unknown word": (
        lambda: sapient().replace(b"SYSTEM_OK", b"SYSTEM_SLEEPING"),
        "system SYSTEM_SLEEPING",
    ),
    "SAPIENT, unspecified": (lambda: sapient(0), None),
    "Dronetag, nothing of receivers": (lambda: scout(None), None),
    "mesh-mapper": (lambda: b'{"heartbeat":"inactive, rebooting"}', "inactive, rebooting"),
    "readsb without a count": (lambda: readsb(None), None),
}
