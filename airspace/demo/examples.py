"""Example notice files, made of the match evening's facts: JSON with F3548 volumes, CSV as a GoDrone list would be.

GoDrone publishes no format. The CSV has a column for what a Dutch request asks: who, with which aircraft, where, how
high, when, on whose clearance, under which conditions. ``python -m airspace.demo.examples deploy/examples`` writes
both.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Final

from airspace.demo import facts
from airspace.demo.facts import AMSTEL, ARENA, BROADCASTER, BROADCASTER_RADIUS_M, EVENING_S, Place, offset
from airspace.model.units import rfc3339

POLICE_SERIAL: Final = "9ZZZ8PLT00001"
SURVEY_SERIALS: Final = ("9ZZZ8SRV00001", "9ZZZ8SRV00002")
_HOUR_S: Final = 3600.0
COLUMNS: Final = (
    *("id", "version", "state", "serial", "operator_registration", "category", "class"),
    *("latitude_deg", "longitude_deg", "radius_m", "polygon", "lower_m", "upper_m", "height_reference", "start", "end"),
    *("callsign", "mission_type", "authority", "clearance_ref", "conditions", "exemptions"),
    *("created", "approved", "cancelled"),
)


def godrone() -> str:
    """The CSV: a broadcaster, the police, a survey of two aircraft along the Amstel, and a request withdrawn again."""
    stamps = {"created": _at(-30 * _HOUR_S), "authority": "LVNL"}
    approved = stamps | {"state": "approved", "approved": _at(-6 * _HOUR_S)}
    rows = [
        approved
        | _circle(BROADCASTER, BROADCASTER_RADIUS_M)
        | _flight("GD-2026-0412", facts.BROADCASTER_SERIAL, "TV 1", "broadcast", 120, 6.0)
        | {"category": "specific", "clearance_ref": "EHAM-0412", "conditions": "Radio contact with Schiphol Tower"},
        approved
        | _circle(ARENA, facts.RING_RADIUS_M)
        | _flight("GD-2026-0413", POLICE_SERIAL, "ZULU 12", "police", 120, 8.0)
        | {"category": "specific", "exemptions": "DAM4MEI"},
        approved
        | {"polygon": "; ".join(f"{latitude:.5f} {longitude:.5f}" for latitude, longitude in _river())}
        | _flight("GD-2026-0414", ";".join(SURVEY_SERIALS), "SURVEY 3", "inspection", 60, 2.0)
        | {"category": "open", "class": "C2", "operator_registration": "NLDx1y2z3a4b5c6d"},
        stamps
        | _circle(offset(ARENA, 200.0, 900.0), 200.0)
        | _flight("GD-2026-0415", "9ZZZ8WDG00001", "WEDDING", "photo", 50, 1.0)
        | {"state": "cancelled", "category": "open", "cancelled": _at(-2 * _HOUR_S)},
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _at(after_s: float) -> str:
    return rfc3339(EVENING_S + after_s)


def _circle(place: Place, radius_m: float) -> dict[str, object]:
    return {"latitude_deg": round(place[0], 6), "longitude_deg": round(place[1], 6), "radius_m": radius_m}


def _flight(notice_id: str, serial: str, callsign: str, mission: str, upper_m: int, hours: float) -> dict[str, object]:
    return {
        "id": notice_id,
        "version": 1,
        "serial": serial,
        "lower_m": 0,
        "upper_m": upper_m,
        "height_reference": "AGL",
        "start": _at(-_HOUR_S),
        "end": _at(hours * _HOUR_S),
        "callsign": callsign,
        "mission_type": mission,
    }


def _river() -> list[Place]:
    """A stretch of the Amstel, 400 m wide."""
    north, south = offset(AMSTEL, 0.0, 800.0), offset(AMSTEL, 170.0, 800.0)
    return [offset(place, bearing, 200.0) for place, bearing in ((north, 270), (north, 90), (south, 90), (south, 270))]


def write(folder: Path) -> None:
    """Both files into a folder."""
    (folder / "notices.json").write_bytes(facts.notices(EVENING_S))
    (folder / "notices-godrone.csv").write_text(godrone(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
