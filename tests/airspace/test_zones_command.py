"""``airspace zones check`` and ``zones export``: every command takes every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from airspace.__main__ import cli
from airspace.demo import facts


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_bytes(facts.zones())
    return path


@pytest.mark.parametrize(
    ("format_name", "key"),
    [("ed269", "features"), ("ed269-cis", "UASZoneList"), ("ed318", "metadata"), ("geojson", "features")],
)
def test_export_writes_a_file_and_names_what_is_lost(zones: Path, tmp_path: Path, format_name: str, key: str) -> None:
    out = tmp_path / "out.json"
    told = CliRunner().invoke(
        cli, ["zones", "export", "--zones", str(zones), "--format", format_name, "--out", str(out)]
    )
    assert told.exit_code == 0
    assert key in json.loads(out.read_bytes())
    assert ("no law" in told.stderr) is (format_name != "geojson")
    if format_name != "geojson":
        checked = CliRunner().invoke(cli, ["zones", "check", str(out)])
        assert checked.exit_code == 0
        assert ": 4 zones, version " in checked.stdout


def test_an_export_without_a_file_goes_to_standard_output(zones: Path) -> None:
    told = CliRunner().invoke(cli, ["zones", "export", "--zones", str(zones), "--format", "ed318"])
    assert json.loads(told.stdout)["type"] == "FeatureCollection"


def test_an_unknown_format_is_a_fault_of_usage(zones: Path) -> None:
    told = CliRunner().invoke(cli, ["zones", "export", "--zones", str(zones), "--format", "kml"])
    assert told.exit_code == 2
    assert "ed269, ed269-cis, ed318, geojson" in told.stderr
