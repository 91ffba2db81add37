"""Which sensor wrote this JSON? Each family alone, glued to others, in arrays, and damaged."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Source
from airspace.model.message import MAX_QUARANTINE_BYTES, Decoded, RejectReason
from receivers.formats.detect import FORMATS, decode
from receivers.formats.json_rows import MAX_ARRAY_DEPTH
from tests.receivers.json_examples import DJI, EXAMPLES, MESH, NODE, RF, SCOUT, SCOUT_ALIVE, T0, raw

READSB = {"now": T0, "aircraft": [{"hex": "484abc", "lat": 52.3, "lon": 4.9, "seen_pos": 0.5, "alt_geom": 1000}]}
STATUS = {"protocol": 1.0, "data": {"sensor ID": "s1", "timestamp": 1735677508366, "status": "normal"}}
SAPIENT = {
    "timestamp": "2025-12-31T21:54:15Z",
    "nodeId": "b5546692-a0cc-4846-a36c-4b7098eae08e",
    "statusReport": {},
}


def payload(value: Any) -> bytes:
    return json.dumps(value).encode()


def outcomes(decoded: Decoded) -> int:
    return len(decoded.detections) + len(decoded.rejects) + len(decoded.heartbeats) + decoded.ignored


def rows(decoded: Decoded) -> list[tuple[Any, ...]]:
    columns = [getattr(decoded.detections, name) for name in COLUMNS if name != "content_id"]
    return [tuple(map(str, row)) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize(("family", "value"), EXAMPLES.values(), ids=EXAMPLES.keys())
@pytest.mark.parametrize("wrap", [b"%s", b"\xef\xbb\xbf %s\n\0", b"\r\n%s\r\n"])
def test_each_family_is_recognised_by_its_keys(family: str, value: Any, wrap: bytes) -> None:
    message = raw(wrap % payload(value))
    decoded = decode([message])
    assert (len(decoded.detections), decoded.rejects) == (1, ())
    assert rows(decoded) == rows(FORMATS[family]([message]))


def test_objects_of_several_families_glued_in_one_payload() -> None:
    parts = [DJI, MESH, SCOUT, STATUS, RF, {"x": 1}, NODE, READSB, SCOUT_ALIVE]
    decoded = decode([raw(b"\n".join(map(payload, parts)) + b"\0")])
    sources = [Source.DJI, Source.REMOTE_ID, Source.REMOTE_ID, Source.RF, Source.REMOTE_ID, Source.ADSB]
    assert decoded.detections.source.tolist() == sources
    assert [beat.sensor for beat in decoded.heartbeats] == ["s1", "D17D80CF00000001"]
    assert [reject.reason for reject in decoded.rejects] == [RejectReason.UNKNOWN_FORMAT]
    assert rows(decode([raw(b"".join(map(payload, parts)))])) == rows(decoded)
    assert rows(decode([raw(payload([*parts[1:], DJI]))]))[-1] == rows(decode([raw(payload(DJI))]))[0]


def test_a_broken_object_costs_itself_only() -> None:
    decoded = decode([raw(payload(SCOUT) + payload(MESH) + payload(MESH)[:90])])
    assert len(decoded.detections) == 2
    assert [reject.reason for reject in decoded.rejects] == [RejectReason.TRUNCATED]
    decoded = decode([raw(payload(SCOUT) + b'{"odid": {')])
    assert (len(decoded.detections), [one.reason for one in decoded.rejects]) == (1, [RejectReason.NOT_JSON])


def test_compressed_json_of_any_family() -> None:
    for pack in (lzma.compress, lambda data: lzma.compress(data, lzma.FORMAT_ALONE)):
        assert len(decode([raw(pack(payload(SCOUT)))]).detections) == 1
    assert [one.reason for one in decode([raw(b"\xfd7zXZ\x00 broken")]).rejects] == [RejectReason.NOT_LZMA]


def test_order_over_many_messages_of_many_families() -> None:
    values = [MESH, RF, SCOUT, DJI, MESH, NODE, READSB, RF]
    decoded = decode([raw(payload(value)) for value in values])
    apart = [row for value in values for row in rows(decode([raw(payload(value))]))]
    assert rows(decoded) == apart


def test_sapient_and_readsb_go_to_their_own() -> None:
    assert len(decode([raw(payload(SAPIENT))]).heartbeats) == 1
    assert decode([raw(payload(READSB))]).detections.uas_id.tolist() == ["484abc"]


def test_numbers_that_are_not_of_json() -> None:
    text = payload(MESH).replace(b"52.3143", b"NaN").replace(b"4.9419", b"1e999")
    decoded = decode([raw(text)])
    assert (len(decoded.detections), decoded.rejects) == (1, ())
    assert str(decoded.detections.latitude_deg[0]) == "nan"


def test_arrays_are_bounded_in_depth_and_number() -> None:
    deep = payload(MESH)
    for _ in range(MAX_ARRAY_DEPTH + 1):
        deep = b"[" + deep + b"]"
    assert [one.reason for one in decode([raw(deep)]).rejects] == [RejectReason.UNKNOWN_FORMAT]
    many = decode([raw(b"[" + b",".join([b'{"drone_lat":1}'] * 5000) + b"]")])
    assert len(many.detections) == 4096
    assert [one.reason for one in many.rejects] == [RejectReason.TOO_LARGE]
    for hostile in (b"[" * 100_000, b'{"odid":' * 100_000, b"9" * 10_000, b'[{"drone_lat":' + b"9" * 6000 + b"}]"):
        assert outcomes(decode([raw(hostile)])) >= 1


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("dronescout-mqtt/BLE-legacy.json", (19, 0, 0)),
        ("dronescout-mqtt/sensor_status.json", (0, 1, 0)),
        ("dronescout-mqtt/ua_payload.json", (1, 0, 0)),
        ("json/droneid_drone.json", (2, 0, 0)),
        ("json/scenario_4236_-7106.json", (0, 0, 1)),
    ],
)
def test_the_real_files(real_data: Path, name: str, counts: tuple[int, int, int]) -> None:
    decoded = decode([raw((real_data / "remote-id" / name).read_bytes())])
    assert (len(decoded.detections), len(decoded.heartbeats), len(decoded.rejects)) == counts


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["<script>\u202e\x00", "\ud800", 10**30, -0.0, "NaN", [], {}])
)
NAMES = sorted(
    {key for _, value in EXAMPLES.values() for part in (value if isinstance(value, list) else [value]) for key in part}
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=6,
)


def mutated(value: Any, at: int, new: Any) -> Any:
    """The value with the ``at``-th place in it, counted depth first, made new."""
    count = 0

    def walk(node: Any) -> Any:
        nonlocal count
        count += 1
        if count - 1 == at:
            return new
        if isinstance(node, dict):
            return {key: walk(item) for key, item in node.items()}
        return [walk(item) for item in node] if isinstance(node, list) else node

    return walk(value)


@settings(max_examples=400)
@given(st.sampled_from([value for _, value in EXAMPLES.values()] + [SCOUT_ALIVE]), st.integers(0, 40), values)
def test_no_change_of_a_message_raises(value: Any, at: int, new: Any) -> None:
    message = raw(payload(mutated(value, at, new)))
    for read in (
        decode,
        *(FORMATS[name] for name in ("dragonsync", "mesh_mapper", "dronetag", "dronecot", "rf", "own")),
    ):
        decoded = read([message])
        assert outcomes(decoded) >= 1
        assert all(len(reject.payload) <= MAX_QUARANTINE_BYTES for reject in decoded.rejects)
        for name, kind in COLUMNS.items():
            if kind == "text" and name != "content_id":
                assert all(one is None or one.isprintable() for one in getattr(decoded.detections, name))


@settings(max_examples=200)
@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_no_change_of_bytes_raises(name: str, data: st.DataObject) -> None:
    text = bytearray(payload(EXAMPLES[name][1]))
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(text)))
    for message in (raw(bytes(text)), raw(bytes(text[:cut])), raw(bytes(text[cut:]))):
        assert outcomes(decode([message])) >= 1


def test_objects_that_their_format_reads_one_at_a_time_are_cut_up() -> None:
    for body in (
        payload([READSB, READSB]),
        payload(READSB) * 2,
        payload([SAPIENT, SAPIENT]),
        payload([STATUS, STATUS]),
    ):
        decoded = decode([raw(body)])
        assert (outcomes(decoded), decoded.rejects) == (2, ())
