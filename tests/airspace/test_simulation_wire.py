"""The wire form of a scene against the decoders, and the command that writes it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import typer

from airspace.commands.simulate import simulate
from airspace.model.detection import COLUMNS
from airspace.model.message import RawMessage
from airspace.model.units import epoch_s
from airspace.service import config
from airspace.simulation import Settings, own_lines, registry, scene, truth_lines, wire
from receivers.formats.detect import decode

ALL_SORTS = Settings(
    aircraft=12, silent=3, static=1, replayed=1, relayed=1, swarm=3, one_address=3, finders=2, locators=1, length_s=90
)
NOT_ON_THE_WIRE = {"counter", "logged_s", "content_id"}


def messages(lines: list[bytes]) -> list[RawMessage]:
    return [RawMessage(payload=line, received_s=0.0, place=f"line {number}") for number, line in enumerate(lines)]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_sent_decodes_to_the_same_rows(seed: int) -> None:
    made = scene(ALL_SORTS, seed)
    decoded = decode(messages(list(wire(made))))
    assert not decoded.rejects
    assert len(decoded.detections) == len(made.detections)
    for name, kind in COLUMNS.items():
        if name not in NOT_ON_THE_WIRE:
            ours, theirs = getattr(made.detections, name), getattr(decoded.detections, name)
            assert np.array_equal(ours, theirs, equal_nan=kind == "number"), name


def test_lines_of_our_own_keep_the_counters_too() -> None:
    made = scene(ALL_SORTS, 1)
    decoded = decode(messages(list(own_lines(made))))
    assert not decoded.rejects
    for name, kind in COLUMNS.items():
        if name not in {"logged_s", "content_id"}:
            ours, theirs = getattr(made.detections, name), getattr(decoded.detections, name)
            assert np.array_equal(ours, theirs, equal_nan=kind == "number"), name


def test_the_truth_is_a_line_for_each_second_of_each() -> None:
    made = scene(ALL_SORTS, 1)
    lines = [msgspec.json.decode(line) for line in truth_lines(made)]
    assert len(lines) == len(made.truth)
    assert {line["kind"] for line in lines} == {"real", "silent", "ghost"}
    for line, aircraft, time_s in zip(lines, made.truth.aircraft, made.truth.time_s, strict=True):
        assert (line["aircraft"], epoch_s(line["time"]), line["uas_id"]) == (aircraft, time_s, made.uas_id[aircraft])


def test_the_command_writes_what_the_other_commands_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, truth, sensors = tmp_path / "scene.jsonl", tmp_path / "truth.jsonl", tmp_path / "airspace.toml"
    simulate(3, 4, 40, 2, 15, out, truth, sensors)
    decoded = decode(messages(out.read_bytes().splitlines()))
    assert not decoded.rejects
    assert f"{len(decoded.detections)} detections of 4 aircraft" in capsys.readouterr().err
    assert 1613 % 256 in decoded.detections.counter, "ghosts need their counter"
    assert len({msgspec.json.decode(line)["aircraft"] for line in truth.read_bytes().splitlines()}) == 21
    known = {sensor.id: sensor.sensor() for sensor in config.read(sensors).sensor}
    assert set(decoded.detections.sensor.tolist()) <= set(known)
    assert registry(scene(Settings(aircraft=4), 3)).count("[[sensor]]") == 4
    plain = tmp_path / "plain.jsonl"
    simulate(3, 4, 40, 2, 0, plain)
    assert b"UASdata" in plain.read_bytes()
    again = tmp_path / "again.jsonl"
    simulate(3, 4, 40, 2, 15, again)
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(("aircraft", "length_s"), [(-1, 60), (20_000, 60), (1, 0), (1, 99_999)])
def test_an_impossible_scene_is_a_fault_of_usage(tmp_path: Path, aircraft: int, length_s: int) -> None:
    with pytest.raises(typer.Exit) as ended:
        simulate(1, aircraft, length_s, 0, 0, tmp_path / "out")
    assert ended.value.exit_code == 2


def test_a_folder_that_is_not_there_is_a_fault_of_the_input(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit) as ended:
        simulate(1, 1, 10, 0, 0, tmp_path / "nowhere" / "out")
    assert ended.value.exit_code == 1
