"""Recordings of every kind, whole, glued, broken and from standard input."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage, Reject, RejectReason
from receivers.sources.documents import documents
from receivers.sources.files import MAX_MESSAGES, MissingReceiverTime, read
from tests.receivers.test_pcap import classic, pcapng

T0 = 1_750_000_000.0


def whole(path: Path | str, receiver_time_s: float | None = T0) -> tuple[list[RawMessage], list[Reject], list[str]]:
    readings = list(read(path, receiver_time_s=receiver_time_s))
    assert all(len(reading.messages) <= MAX_MESSAGES for reading in readings)
    return (
        [message for reading in readings for message in reading.messages],
        [reject for reading in readings for reject in reading.rejects],
        [warning for reading in readings for warning in reading.warnings],
    )


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.pcap", "a.pcapng", "a.dump"])
@pytest.mark.parametrize("data", [classic(), pcapng()], ids=["classic", "pcapng"])
def test_captures_keep_their_own_times(tmp_path: Path, name: str, data: bytes) -> None:
    messages, rejects, warnings = whole(saved(tmp_path, name, data))
    assert [message.received_s for message in messages] == [1_680_000_000.25, 1_680_000_001.5, 1_680_000_002.75]
    assert (rejects, warnings) == ([], [])
    assert messages[2].place == f"{name}: packet 3"


@pytest.mark.parametrize("name", ["empty.pcap", "empty.json", "empty.hex", "empty"])
def test_an_empty_file_is_no_error(tmp_path: Path, name: str) -> None:
    messages, _, _ = whole(saved(tmp_path, name, b""))
    assert messages == []


OBJECTS = [{"data": 1}, {"data": {"text": 'br}ace "quoted" \\'}}, {"list": [1, {"deep": []}]}]
LINES = [json.dumps(value) for value in OBJECTS]
FORMS = {
    "lines": ("\n".join(LINES), [1, 2, 3]),
    "lines with blanks": ("\n\n  " + "\r\n\n".join(LINES) + "\0\n", [3, 5, 7]),
    "glued": ("".join(LINES), [1, 1, 1]),
    "glued in pairs": (LINES[0] + LINES[1] + "\n" + LINES[2], [1, 1, 2]),
    "printed wide": ("\n".join(json.dumps(value, indent=2) for value in OBJECTS), [1, 4, 9]),
    "array": (json.dumps(OBJECTS), [1, 1, 1]),
    "array of lines": ("[\n" + ",\n".join(LINES) + "\n]\n", [2, 3, 4]),
    "array printed wide": (json.dumps(OBJECTS, indent=1), [2, 5, 10]),
    "arrays a line": ("\n".join(f"[{line}]" for line in LINES), [1, 2, 3]),
    "array in an array": (json.dumps([OBJECTS[:2], OBJECTS[2]]), [1, 1, 1]),
    "byte order mark": ("\ufeff" + "\n".join(LINES), [1, 2, 3]),
}


@pytest.mark.parametrize(("text", "lines"), FORMS.values(), ids=FORMS.keys())
def test_json_in_every_form(tmp_path: Path, text: str, lines: list[int]) -> None:
    messages, rejects, warnings = whole(saved(tmp_path, "feed.json", text.encode()))
    assert [json.loads(message.payload) for message in messages] == OBJECTS
    assert [message.place for message in messages] == [f"feed.json:{line}" for line in lines]
    assert {(message.received_s, message.sensor) for message in messages} == {(T0, None)}
    assert (rejects, warnings) == ([], [])


@pytest.mark.parametrize("nested", [False, True])
def test_a_list_of_one_key_objects_is_one_message(tmp_path: Path, nested: bool) -> None:  # noqa: FBT001
    parts = [{"MAC": "x"}, {"Basic ID": {}}, {"Basic ID": {}}]
    value = [parts, parts] if nested else parts
    messages, _, _ = whole(saved(tmp_path, "x.json", json.dumps(value, indent=1).encode()))
    assert [json.loads(message.payload) for message in messages] == ([parts, parts] if nested else [parts])


BROKEN = {
    "cut object": '{"a": {"b": 1',
    "cut string": '{"a": "never ends',
    "cut list": '{"a": [1, 2',
    "text": "hello, is this JSON",
    "no quotes": "{a: 1}",
    "closing too often": '{"a": 1}}',
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_line_costs_itself_only(tmp_path: Path, broken: str) -> None:
    text = "\n".join([LINES[0], broken, *LINES[1:], ""])
    messages, rejects, _ = whole(saved(tmp_path, "feed.jsonl", text.encode()))
    found = [message.payload.decode() for message in messages if message.place != "feed.jsonl:2"]
    assert found == LINES
    assert (len(messages), rejects) == (4, [])


def test_a_broken_array_file_still_gives_its_objects(tmp_path: Path) -> None:
    text = "[\n" + ",\n".join(LINES) + ",\n" + '{"cut": '
    messages, _, _ = whole(saved(tmp_path, "feed.json", text.encode()))
    assert [message.payload.decode() for message in messages[:3]] == LINES
    assert messages[3].place == "feed.json:5"


def test_an_object_too_large_is_refused_unread(tmp_path: Path) -> None:
    large = json.dumps({"a": "x" * MAX_PAYLOAD_BYTES})
    messages, rejects, _ = whole(saved(tmp_path, "feed.jsonl", "\n".join([LINES[0], large, LINES[1]]).encode()))
    assert [message.place for message in messages] == ["feed.jsonl:1", "feed.jsonl:3"]
    assert [(reject.reason, reject.place) for reject in rejects] == [(RejectReason.TOO_LARGE, "feed.jsonl:2")]


def test_long_recordings_come_in_parts(tmp_path: Path) -> None:
    path = saved(tmp_path, "feed.jsonl", b'{"a": 1}\n' * (2 * MAX_MESSAGES + 5))
    sizes = [len(reading.messages) for reading in read(path, receiver_time_s=T0)]
    assert sizes == [MAX_MESSAGES, MAX_MESSAGES, 5]


@settings(max_examples=200)
@given(st.lists(st.text(alphabet='{}[]",:\\ a1\n', max_size=30), max_size=6))
def test_no_text_raises_and_sound_lines_are_found(noise: list[str]) -> None:
    text = "\n".join([*noise, "", '{"sound": 1}'])
    lines = [(number, line + b"\n") for number, line in enumerate(text.encode().split(b"\n"), 1)]
    found = [document for _, document in documents(lines)]
    assert all(document is not None for document in found)
    if not any('{"' in line or "[" in line or '"' in line or "{" in line for line in noise):
        assert found[-1] == b'{"sound": 1}'


def test_hex_lines_take_the_time_they_are_told(tmp_path: Path) -> None:
    path = saved(tmp_path, "roof.hex", b"# recorded on the roof\n\n00 11\n2233\n")
    messages, rejects, warnings = whole(path)
    assert [(message.payload, message.place) for message in messages] == [
        (b"00 11", "roof.hex:3"),
        (b"2233", "roof.hex:4"),
    ]
    assert {(message.received_s, message.sensor) for message in messages} == {(T0, "roof")}
    assert (rejects, warnings) == ([], [])


def test_hex_lines_without_a_time_get_the_files_and_say_so(tmp_path: Path) -> None:
    path = saved(tmp_path, "roof.hex", b"0011\n")
    os.utime(path, (T0, T0))
    messages, _, (warning,) = whole(path, None)
    assert messages[0].received_s == T0
    assert "2025-06-15T15:06:40.000Z" in warning
    assert "--receiver-time" in warning


def test_bare_bytes_are_one_message(tmp_path: Path) -> None:
    data = bytes(range(25))
    messages, _, _ = whole(saved(tmp_path, "payload.bin", data))
    assert [message.payload for message in messages] == [data]
    _, rejects, _ = whole(saved(tmp_path, "large.bin", b"\xff" * (MAX_PAYLOAD_BYTES + 1)))
    assert [reject.reason for reject in rejects] == [RejectReason.TOO_LARGE]


def test_csv_is_refused_once(tmp_path: Path) -> None:
    messages, rejects, _ = whole(saved(tmp_path, "upload.csv", b"a,b\n1,2\n"))
    assert (messages, [reject.reason for reject in rejects]) == ([], [RejectReason.UNKNOWN_FORMAT])


def test_a_missing_file_is_the_callers_business(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        whole(tmp_path / "none.pcap")


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize(("data", "count"), [(classic(), 3), (b'{"a": 1}\n{"b": 2}\n', 2), (b"0011\n2233\n", 2)])
def test_standard_input_by_content(monkeypatch: pytest.MonkeyPatch, data: bytes, count: int) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(data))
    messages, rejects, _ = whole("-")
    assert (len(messages), rejects) == (count, [])
    assert messages[0].place in {"stdin: packet 1", "stdin:1"}


def test_standard_input_without_any_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(b"0011\n"))
    with pytest.raises(MissingReceiverTime, match="--receiver-time"):
        whole("-", None)


def test_the_real_recordings(real_data: Path) -> None:
    folder = real_data / "remote-id"
    counts = {
        "dronescout-mqtt/BLE-legacy.json": 19,
        "dronescout-mqtt/sensor_status.json": 1,
        "json/droneid_drone.json": 2,
        "sapient/detection_proto.json": 1,
        "pcap/parrot_anafi4_real.odid-only.pcap": 1140,
        "pcap/mavic_alessa_spoofed.pcapng": 10,
        "hex/wifi_frame_nan_real.hex": 1,
    }
    for name, count in counts.items():
        messages, rejects, _ = whole(folder / name)
        assert (name, len(messages), rejects) == (name, count, [])


ANDROID = (
    b"session, timestamp (nanos), transportType, macAddress, msgVersion, rssi, payload, x\n".replace(b", ", b",")
    + b"1,5000000000,BT4,AA:BB:CC:DD:EE:FF,2,-60,1E 16 FA FF 0D 00 01,text, with a comma\n"
    + b"a line that is no row\n"
    + b"1,7500000000,BT4,AA:BB:CC:DD:EE:FF,2,-61,1E 16 FA FF 0D 01 01,\n"
)


@pytest.mark.parametrize("name", ["run.csv", "run.txt"])
def test_the_android_app_counts_from_the_first_row(tmp_path: Path, name: str) -> None:
    messages, rejects, warnings = whole(saved(tmp_path, name, ANDROID))
    assert [message.received_s - T0 for message in messages] == [0.0, 2.5]
    assert [reject.place for reject in rejects] == [f"{name}:3"]
    assert warnings == []
    _, _, (warning,) = whole(tmp_path / name, None)
    assert "--receiver-time" in warning


PLAIN = {"a.pcap": classic(), "a.pcapng": pcapng(), "a.jsonl": b'{"a": 1}\n{"b": 2}\n', "a.hex": b"0011\n2233\n"}


@pytest.mark.parametrize("name", PLAIN)
def test_a_compressed_recording_is_the_same(tmp_path: Path, name: str) -> None:
    plain, _, _ = whole(saved(tmp_path, name, PLAIN[name]))
    packed, rejects, _ = whole(saved(tmp_path, f"{name}.gz", gzip.compress(PLAIN[name])))
    assert [(message.payload, message.received_s) for message in packed] == [
        (message.payload, message.received_s) for message in plain
    ]
    assert rejects == []


@pytest.mark.parametrize("damage", [lambda data: data[:-12], lambda data: data[:30] + b"\xff" * 9 + data[39:]])
def test_a_damaged_compressed_recording_keeps_what_stands_before_the_damage(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    data = gzip.compress(b"".join(b'{"number": %d}\n' % number for number in range(20_000)))
    messages, (reject,), _ = whole(saved(tmp_path, "a.jsonl.gz", damage(data)))
    assert all(json.loads(message.payload)["number"] == index for index, message in enumerate(messages[:-1]))
    assert (reject.reason, reject.place) == (RejectReason.TRUNCATED, "a.jsonl.gz")
    _, rejects, _ = whole(saved(tmp_path, "b.jsonl.gz", b"not compressed"))
    assert [reject.reason for reject in rejects] == [RejectReason.TRUNCATED]
