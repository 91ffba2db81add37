"""Given cases: a position that is not known yet, and a sensor that lives and is blind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cases import given

ROOT = Path(__file__).resolve().parents[2]


@given.case("receivers/16-no-fix-sentinel")
def test_no_fix_sentinel(folder: Path) -> None:
    marked, zero = (given.airspace("decode", f"{name}.pcap") for name in ("sentinel", "zero"))
    assert [row | {"sensor": None} for row in marked.lines()] == [row | {"sensor": None} for row in zero.lines()]
    assert "0 refused" in marked.err
    for row in marked.lines():
        wanted = {"latitude_deg": None, "status": "airborne", "height_m": 44.0, "altitude_wgs84_m": 90.0}
        assert wanted.items() <= row.items()
        assert (row["speed_m_s"], row["operator_latitude_deg"], row["flags"]) == (3.0, None, [])
        assert (row["operator_location_type"], row["eu_class"]) == ("live", "C1")
    flights = given.airspace("replay", "--alerts", folder / "alerts", "--flights", folder / "flights", "sentinel.pcap")
    assert "1 flights counted" in flights.err
    (flight,) = given.Answer(0, (folder / "flights").read_text(), "").lines()
    assert (flight["counted"], flight["highest_m"]) == (True, 44.0)


@given.case("receivers/17-sensor-says-blind")
def test_sensor_says_blind(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "heartbeats.py", "status.json"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split(" | ")[0] == "status.json ds-roof-1 gone"
    assert "invalid license" in ran.stdout
    (folder / "airspace.toml").write_text('[[sensor]]\nid = "ds-roof-1"\nname = "Roof"\n')
    replayed = given.airspace("replay", "--config", "airspace.toml", "status.json")
    (alert,) = [line for line in replayed.lines() if line["state"] == "opened"]
    assert (alert["kind"], alert["reason"], alert["sensors"]) == ("coverage", "sensor_blind", ["ds-roof-1"])
    assert alert["sentence_en"] == "No drone seen, but sensor Roof says: invalid license. Coverage reduced."
    assert alert["sentence_nl"] == "Geen drone gezien, maar sensor Roof meldt: licentie ongeldig. Zicht beperkt."
