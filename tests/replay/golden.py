"""Golden files: what each real recording decodes to, line by line, without the persons in it.

The recordings belong to third parties and stay outside the repository, and so do the serials, addresses and places in
them: a committed line says of such a value only a hash whose key is the recording itself (who cannot read the
recording cannot try serials against it; who can, knows them), and of a position three decimals, about 100 m. ``digest``
is a hash over the whole line before that, so a change in a hidden digit shows too. Unknown values are left out.

    python -m tests.replay.golden [NAME ...]     writes them anew (all, or those named); read the difference
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from airspace import app
from airspace.commands.output import reject_line
from airspace.model.lines import detection_lines, number, time_text
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, Reject
from receivers.formats.framing import UNNAMED_SENSOR

FOLDER: Final = Path(__file__).with_name("golden")
RECEIVER_TIME: Final = "2026-05-01T12:00:00Z"  # for recordings that carry no times
JSON_FILES: Final = {
    "dronescout-ble-legacy": "dronescout-mqtt/BLE-legacy.json",
    "dronescout-sensor-status": "dronescout-mqtt/sensor_status.json",
    "dronescout-ua-payload": "dronescout-mqtt/ua_payload.json",
    "droneid-drone": "json/droneid_drone.json",
    "dragonsync-scenario": "json/scenario_4236_-7106.json",
    "sapient-alert": "sapient/alert_proto.json",
    "sapient-detection": "sapient/detection_proto.json",
    "sapient-registration": "sapient/registration_proto.json",
    "sapient-status": "sapient/status_proto.json",
    "sapient-task": "sapient/task_proto.json",
}
BINARY_FILES: Final = {
    "bt4-legacy-hci": "hex/bt4_legacy_extended_opendroneid_hci_received.hex",
    "dji-flight-payload": "hex/dji_wifi_droneid_flightreg_payload.hex",
    "dri-beacon": "hex/fr_dri_beacon_dji_real.hex",
    "nan-frame": "hex/wifi_frame_nan_real.hex",
    "mavic-spoofed": "pcap/mavic_alessa_spoofed.pcapng",
    "odid-wifi-beacons": "pcap/odid_wifi_bcn_sample.pcap",
    "odid-wifi": "pcap/odid_wifi_sample.pcap",
    "parrot-real": "pcap/parrot_anafi4_real.odid-only.pcap",
    "parrot-spoofed": "pcap/parrot_anafi4_spoofed.odid-only.pcap",
}
FILES: Final = {**JSON_FILES, **BINARY_FILES}

_HASHED: Final = frozenset({"uas_id", "alias_id", "operator_id", "transmitter", "self_id", "authentication", "sensor"})
_HASH_BYTES: Final = 6
_PLACE_DECIMALS: Final = 3

Line = dict[str, Any]


def expected(name: str) -> list[Line]:
    """The committed lines."""
    return [msgspec.json.decode(line) for line in (FOLDER / f"{name}.jsonl").read_bytes().splitlines()]


def decoded(real_data: Path, name: str) -> list[Line]:
    """The lines as they come out now: detections, heartbeats, refusals, and last the counts."""
    file = real_data / "remote-id" / FILES[name]
    key = hashlib.sha256(file.read_bytes()).digest()
    parts = [part.decoded for part in app.decode_files([file], "auto", RECEIVER_TIME)]
    return [*(_public(line, key, file.stem) for line in plain(parts)), counts(parts)]


def plain(parts: list[Decoded]) -> list[Line]:
    """The lines before anything is hidden: for checks of single values in memory."""
    lines = [line for part in parts for line in detection_lines(part.detections)]
    lines += [_heartbeat(beat) for part in parts for beat in part.heartbeats]
    return lines + [_refusal(reject) for part in parts for reject in part.rejects]


def counts(parts: list[Decoded]) -> Line:
    """How many of each."""
    return {
        "detections": sum(len(part.detections) for part in parts),
        "heartbeats": sum(len(part.heartbeats) for part in parts),
        "refused": sum(len(part.rejects) for part in parts),
        "without_data": sum(part.ignored for part in parts),
    }


def assert_as_before(real_data: Path, name: str) -> None:
    """Every line is the committed one."""
    found, golden = decoded(real_data, name), expected(name)
    for index, (line, before) in enumerate(zip(found, golden, strict=False), 1):
        assert line == before, f"{name}.jsonl:{index} (python -m tests.replay.golden {name})"
    assert len(found) == len(golden), name


def _heartbeat(beat: Heartbeat) -> Line:
    return {
        "heartbeat": time_text(beat.logged_s),
        "sensor": beat.sensor,
        "latitude_deg": number(beat.latitude_deg, 7),
        "longitude_deg": number(beat.longitude_deg, 7),
        "detail": beat.detail,
    }


def _refusal(reject: Reject) -> Line:
    """Without what a library says of the bytes behind the colon: it may quote them, and changes with its version."""
    line = reject_line(reject)
    return line | {"detail": line["detail"].partition(":")[0]}


def _public(line: Line, key: bytes, stem: str) -> Line:
    """What may be committed of a line; ``stem`` is the sensor of a file that names none."""
    public = {name: _hidden(name, value, key, stem) for name, value in line.items() if value not in (None, [], "")}
    return public | {"digest": _hash(msgspec.json.encode(line, order="sorted"), key)}


def _hidden(name: str, value: Any, key: bytes, stem: str) -> Any:
    if name in _HASHED and value not in {stem, UNNAMED_SENSOR}:
        return _hash(str(value).encode(), key)
    return round(value, _PLACE_DECIMALS) if name.endswith(("latitude_deg", "longitude_deg")) else value


def _hash(data: bytes, key: bytes) -> str:
    return "#" + hmac.digest(key, data, "sha256")[:_HASH_BYTES].hex()


def main(names: list[str]) -> None:
    """Write the named golden files, or all."""
    root = Path(__file__).resolve().parents[2]
    real_data = Path(os.environ.get("AIRSPACE_TEST_DATA", root.parent / "shared" / "data"))
    for name in names or FILES:
        lines = b"\n".join(msgspec.json.encode(line) for line in decoded(real_data, name))
        (FOLDER / f"{name}.jsonl").write_bytes(lines + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
