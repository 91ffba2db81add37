"""UDP and serial ports: limits, drops that are counted, faults by name, and real lines through the decoder."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import socket
from collections import Counter
from contextlib import aclosing
from functools import partial
from pathlib import Path

import pytest

from airspace.model.message import RawMessage
from receivers.formats.detect import FORMATS
from receivers.sources import udp
from receivers.sources import waiting as module
from receivers.sources.serial import SerialSettings, SerialSource, opened
from receivers.sources.udp import UdpSettings, UdpSource
from receivers.sources.waiting import Waiting
from tests.contract.rigs_wires import Cable, DatagramSender
from tests.receivers.json_examples import MESH, NODE
from tests.receivers.waiting import PATIENCE_S, arriving, until


def raw(payload: bytes) -> RawMessage:
    return RawMessage(payload=payload, received_s=0.0)


async def test_what_waits_is_bounded_and_drops_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counters: Counter[str] = Counter()
    waiting = Waiting(counters, most=3, most_bytes=10)
    for number in range(5):
        waiting.put(raw(b"%d" % number))
    assert [message.payload for message in await waiting.taken()] == [b"2", b"3", b"4"]
    assert counters["dropped"] == 2
    for number in range(3):
        waiting.put(raw(b"%d234" % number))
    assert [message.payload for message in await waiting.taken()] == [b"1234", b"2234"]
    assert counters["dropped"] == 3
    assert not waiting.bell.is_set()
    monkeypatch.setattr(module, "MAX_MESSAGES", 2)
    for number in range(3):
        waiting.put(raw(b"%d" % number))
    assert [len(await waiting.taken()) for _ in range(2)] == [2, 1]


async def test_datagrams_have_sensor_and_sender_and_a_limit() -> None:
    rig = DatagramSender(lambda: 12.5)
    async with arriving(rig.source) as arrived:
        await rig.send([b"x" * 1001, b"x" * 1000])
        (message,) = (await arrived.get()).messages
        assert (len(message.payload), message.sensor, message.received_s) == (1000, "mast", 12.5)
        assert message.place == "udp 127.0.0.1"
        assert (rig.source.counters["too_large"], rig.source.counters["received"]) == (1, 1)


async def test_a_flood_of_datagrams_costs_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp, "Waiting", partial(Waiting, most=50))
    rig = DatagramSender(lambda: 12.5)
    async with asyncio.timeout(PATIENCE_S), aclosing(rig.source.deliveries()) as deliveries:
        first = asyncio.ensure_future(anext(deliveries))
        await rig.send([b"first"])
        assert (await first).messages[0].payload == b"first"
        for number in range(80):
            await rig.send([b"%d" % number])
        await until(lambda: rig.source.counters["received"] == 81)
        assert rig.source.counters["dropped"] == 30
        assert [message.payload for message in (await anext(deliveries)).messages][::49] == [b"30", b"79"]


async def test_a_port_that_is_taken_is_a_fault_until_it_is_free() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        settings = UdpSettings(port=holder.getsockname()[1])
        one = UdpSource(settings, clock=lambda: 0.0, first_pause_s=0.002)
        async with arriving(one):
            await until(lambda: one.counters["failed"] > 1)
            assert "in use" in (one.fault or "")
            holder.close()
            await until(lambda: one.fault is None)
            assert one.port == settings.port


async def test_lines_of_nodes_are_read() -> None:
    rig = DatagramSender(lambda: 1e9)
    async with arriving(rig.source) as arrived:
        await rig.send([json.dumps(NODE).encode() + b"\n"])
        decoded = FORMATS["auto"]((await arrived.get()).messages)
    assert (len(decoded.detections), decoded.rejects) == (1, ())
    assert decoded.detections.sensor.tolist() == ["mast"]


async def test_a_line_of_a_mesh_node_is_read_and_its_sign_of_life_too(tmp_path: Path) -> None:
    rig = Cable(lambda: 1e9, tmp_path)
    async with arriving(rig.source) as arrived:
        await rig.send([json.dumps(MESH).encode(), b'{"heartbeat":"active"}'])
        messages: list[RawMessage] = []
        while len(messages) < 2:
            messages += (await arrived.get()).messages
        rig.pull_out()
    decoded = FORMATS["auto"](messages)
    assert (len(decoded.detections), len(decoded.heartbeats), decoded.rejects) == (1, 1, ())
    assert decoded.heartbeats[0].sensor == "mast"


async def test_a_port_that_is_not_there_is_a_fault_until_it_is(tmp_path: Path) -> None:
    rig = Cable(lambda: 0.0, tmp_path)
    rig.pull_out()
    async with arriving(rig.source) as arrived:
        await until(lambda: rig.source.counters["failed"] > 1)
        assert "No such file" in (rig.source.fault or "")
        rig.plug_in()
        await rig.send([b"hello"])
        assert (await arrived.get()).messages[0].payload == b"hello"
        assert rig.source.fault is None
        rig.pull_out()
        await until(lambda: rig.source.fault)
        assert rig.source.counters["lost"] == 1


async def test_a_port_is_opened_for_one_alone(tmp_path: Path) -> None:
    rig = Cable(lambda: 0.0, tmp_path)
    async with arriving(rig.source):
        await until(lambda: rig.source.fault is None)
        with pytest.raises(OSError, match="exclusively lock"):
            opened(SerialSettings(device=str(rig.device)))
    again = opened(SerialSettings(device=str(rig.device)))  # and let go at the end
    again.close()
    rig.pull_out()


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def missing(name: str) -> object:
        if name == "serial":
            raise ModuleNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(RuntimeError, match=r"airspace-monitor\[serial\]"):
        SerialSource(SerialSettings(device=os.devnull), clock=lambda: 0.0)
