"""What a replay of other people's recordings tells of sensors: what the recording says, and no silence of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases import given

CONFIG = """
[[sensor]]
id = "roof"
name = "Roof"
[[sensor]]
id = "mast"
name = "Mast"
"""


def alive(sensor: str, at_s: float, **fields: Any) -> str:
    said = {"format": "airspace-rf-1", "kind": "heartbeat", "sensor": sensor}
    return json.dumps(said | {"time": _time(at_s)} | fields)


def heard(sensor: str, at_s: float) -> str:
    said = {"format": "airspace-rf-1", "kind": "presence", "sensor": sensor, "frequency_hz": 2.4e9}
    return json.dumps(said | {"time": _time(at_s)})


def _time(at_s: float) -> str:
    return f"2026-10-06T00:{int(at_s // 60):02d}:{at_s % 60:06.3f}Z"


RECORDINGS: dict[str, tuple[list[str], list[tuple[str, str]]]] = {
    "rows alone, of one of two sensors": ([heard("roof", at) for at in range(0, 60, 5)], []),
    "rows with a long gap": ([heard("roof", at) for at in (0, 1, 600, 601, 1200)], []),
    "heartbeats to the end": ([alive("roof", at) for at in range(0, 600, 60)], []),
    "heartbeats that stop while another is heard": (
        [alive("roof", 0), alive("roof", 60), *(heard("mast", at) for at in range(0, 600, 30))],
        [("roof", "sensor_silent")],
    ),
    "heartbeats of one, rows of the other stop": (
        [heard("mast", 0), *(alive("roof", at) for at in range(0, 900, 60))],
        [],
    ),
    "a sensor that says that it is blind": (
        [alive("roof", 0), heard("mast", 5), alive("roof", 60, fault="no antenna"), alive("roof", 120)],
        [("roof", "sensor_blind")],
    ),
    "nothing but a blind sensor": ([alive("mast", 30, fault="no antenna")], [("mast", "sensor_blind")]),
}


@pytest.mark.parametrize("batch", ["1", "1024"])
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_replay_tells_what_the_recording_says_and_no_more(
    name: str, batch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "airspace.toml").write_text(CONFIG)
    lines, wanted = RECORDINGS[name]
    (tmp_path / "heard.jsonl").write_text("\n".join(lines) + "\n")
    replayed = given.airspace("replay", "--config", "airspace.toml", "--batch", batch, "heard.jsonl")
    opened = [one for one in replayed.lines() if one["kind"] == "coverage" and one["state"] == "opened"]
    assert [(one["sensors"][0], one["reason"]) for one in opened] == wanted
