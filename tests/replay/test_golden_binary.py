"""Golden files of the binary recordings: nothing that they decode to changes unseen, and what they say was checked.

Written by ``python -m tests.replay.golden NAME`` (which says how persons are kept out of them). Checked by hand against
the facts of the handbook (page remote-id, sections 3, 4 and 9) and of SOURCES.md beside the recordings, the bytes of a
frame of each kind read with a pencil; the figures are the assertions below.

    file                what was checked
    parrot-real         1140 rows, 755 of one message and 385 of four; version 0; every altitude -1000 (unknown) but the
                        height, 0 to 11 m; operator number all NUL: none; skews 0.8 to 1.8 s, no flag; 1 serial
    parrot-spoofed      26 rows; counter 93 and message time 931.1 s throughout; received 1858 to 1907 s after it, which
                        the nearest hour makes 1742 to 1693 s before; packs whose count and length do not agree: flagged
    odid-wifi-beacons   21 rows of 5 messages; id type and kind 0 with a text: flagged; vertical speed 126: unknown;
                        message time 0: the full hour, far from the reception; operator number too long: cut
    odid-wifi           21 beacons and 21 NAN frames of one message each, never a Basic ID; 21 sync beacons without data
    nan-frame           System message of the same transmitter: operator at the take-off point, open category, class C4
    bt4-legacy-hci      BLE 4, a Basic ID, -36 dBm; "serial" of no CTA-2063-A form: flagged
    dri-beacon          43.94965 N 4.81871 E, altitude 37 m, height 17 m, 1 m/s, 331 degrees; take-off point
    dji-flight-payload  version 2, no fix (0, 0 and its state bit clear): no position; height 12 ft; app position live
    mavic-spoofed       10 rows, 1 serial; a position although the state says that there is no fix: left out, flagged; a
                        time in seconds where milliseconds belong: flagged; sequence frozen
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.replay import golden

Line = golden.Line


@pytest.mark.parametrize("name", golden.BINARY_FILES)
def test_as_committed(real_data: Path, name: str) -> None:
    golden.assert_as_before(real_data, name)


def lines(name: str) -> list[Line]:
    return golden.expected(name)[:-1]


def values(name: str, column: str) -> set[Any]:
    return {line.get(column) for line in lines(name)}


def flags(name: str) -> set[str]:
    return {flag for line in lines(name) for flag in line.get("flags", ())}


def late_s(name: str) -> list[float]:
    """Reception after message time, of the lines with a position."""
    return [
        (datetime.fromisoformat(line["received"]) - datetime.fromisoformat(line["time"])).total_seconds()
        for line in lines(name)
        if "latitude_deg" in line
    ]


def between(found: Iterable[float], low: float, high: float) -> bool:
    return all(low <= value <= high for value in found)


def parrot_real() -> None:
    rows = lines("parrot-real")
    assert Counter("uas_id" in row for row in rows) == {False: 755, True: 385}
    assert len({row["uas_id"] for row in rows if "uas_id" in row}) == 1
    assert values("parrot-real", "protocol_version") == {0}
    for column in ("altitude_wgs84_m", "altitude_pressure_m", "operator_id"):
        assert values("parrot-real", column) == {None}
    heights = {row["height_m"] for row in rows if "height_m" in row}
    assert (min(heights), max(heights)) == (0.0, 11.0)
    assert between(late_s("parrot-real"), 0.8, 1.9)
    assert flags("parrot-real") == set()


def parrot_spoofed() -> None:
    assert values("parrot-spoofed", "counter") == {93}
    assert {line["time"][14:] for line in lines("parrot-spoofed")} == {"15:31.100Z"}
    assert between((late + 3600 for late in late_s("parrot-spoofed")), 1857.5, 1907.5)
    assert "skew" in flags("parrot-spoofed")


def beacons() -> None:
    rows = lines("odid-wifi-beacons")
    assert len(rows) == 21
    assert flags("odid-wifi-beacons") == {"id_type_missing", "operator_id_long", "skew"}
    for column in ("uas_id_type", "ua_type", "vertical_speed_m_s"):
        assert values("odid-wifi-beacons", column) == {None}
    assert {row["time"][14:] for row in rows} == {"00:00.000Z"}


def beacons_and_nan() -> None:
    assert Counter(line["transport"] for line in lines("odid-wifi")) == {"wifi_beacon": 21, "wifi_nan": 21}
    assert values("odid-wifi", "uas_id") == {None}
    assert golden.expected("odid-wifi")[-1] == {"detections": 42, "heartbeats": 0, "refused": 0, "without_data": 21}


def single(name: str, wanted: Line) -> None:
    (line,) = lines(name)
    assert {column: line.get(column) for column in wanted} == wanted


def nan_frame() -> None:
    wanted = {"transport": "wifi_nan", "operator_location_type": "takeoff", "eu_category": "open", "eu_class": "C4"}
    single("nan-frame", {**wanted, "counter": 55, "uas_id": None})


def bt4() -> None:
    single(
        "bt4-legacy-hci", {"transport": "ble4", "uas_id_type": "serial", "rssi_dbm": -36, "flags": ["serial_invalid"]}
    )


def dri() -> None:
    wanted = {"latitude_deg": 43.95, "longitude_deg": 4.819, "height_m": 17.0, "speed_m_s": 1.0, "track_deg": 331.0}
    single("dri-beacon", {**wanted, "altitude_pressure_m": 37.0, "operator_location_type": "takeoff"})


def dji_payload() -> None:
    wanted = {"source": "dji", "transport": "wifi_dji", "latitude_deg": None, "operator_location_type": "live"}
    single("dji-flight-payload", {**wanted, "height_m": 3.658, "flags": ["skew", "low_trust_altitude"]})


def mavic() -> None:
    assert len(lines("mavic-spoofed")) == 10
    assert len(values("mavic-spoofed", "uas_id")) == 1
    assert values("mavic-spoofed", "latitude_deg") == {None}
    assert values("mavic-spoofed", "counter") == {0x4D}
    assert flags("mavic-spoofed") == {"position_invalid", "time_invalid", "low_trust_altitude"}


FACTS: dict[str, Callable[[], None]] = {
    "parrot-real": parrot_real,
    "parrot-spoofed": parrot_spoofed,
    "odid-wifi-beacons": beacons,
    "odid-wifi": beacons_and_nan,
    "nan-frame": nan_frame,
    "bt4-legacy-hci": bt4,
    "dri-beacon": dri,
    "dji-flight-payload": dji_payload,
    "mavic-spoofed": mavic,
}


@pytest.mark.parametrize("name", golden.BINARY_FILES)
def test_what_was_checked_by_hand(name: str) -> None:
    FACTS[name]()
