"""What every wire format keeps: it never raises, accounts for every message, and cuts of the input change no row."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Detections
from airspace.model.message import MAX_QUARANTINE_BYTES, Decoded, RawMessage
from receivers.formats import ble, dji, french, wifi
from receivers.formats.detect import FORMATS
from tests.receivers import dji_encoding
from tests.receivers.json_examples import EXAMPLES
from tests.receivers.odid_encoding import auth, basic_id, pack
from tests.receivers.test_detect import PIECES

DECODERS = FORMATS | {"dji": dji.decode, "french": french.decode}
each_format = pytest.mark.parametrize("name", sorted(DECODERS))

_DRONESCOUT = (
    b'{"protocol":1.0,"data":{"sensor ID":"s1","timestamp":1735677508366,"status":"normal"}}',
    b'{"data":{"sensor ID":"s1","RSSI":-70,"type":"BLE legacy","UASdata":"AgASAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}}',
    b'{"data":{"UASdata":"!"}}{"data":{}}',
)
_FEEDS = [json.dumps(value).encode() for _, value in EXAMPLES.values()]
_FEEDS += [b"[%s]" % b",".join(_FEEDS), b"".join(_FEEDS), *(text[: len(text) // 2] for text in _FEEDS)]
_ELEMENTS = (
    dji.MARK + dji_encoding.flight(),
    dji.MARK + dji_encoding.flight(version=1, lat=-168.0),
    dji_encoding.ocusync(dji_encoding.purpose()),
    dji_encoding.ocusync(dji_encoding.flight()),
    french.ELEMENT + dji_encoding.french(),
    french.ELEMENT + dji_encoding.tlv(1, b"\x01"),
    pack(basic_id(), auth(), auth(page=1), auth(page=2)),
    b"1,1000000000000,BT5,60:60:1f:0a:0b:0c,2,-70,16 16 FA FF 0D 05",
)
_SBS_LINE = b"MSG,3,1,1,484B20,1,2023/11/14,22:13:19.500,2023/11/14,22:13:19.700,,1200,,,52.371,4.895,,,0,0,0,0"
_ADSB = (
    _SBS_LINE,
    _SBS_LINE[:70] + b"\r\n" + _SBS_LINE,
    b"STA,,1,1,484B20,1,,,,,RM",
    b'{"now":1700000000.5,"aircraft":[{"hex":"~484b20","lat":52.3,"lon":4.9,"seen_pos":0.5},{"hex":"484b21"},7]}',
    b'{"now":1700000000.5,"aircraft":[]}',
)
_SAPIENT = (
    b'{"nodeId":"n","statusReport":{"system":"SYSTEM_OK"}}',
    b'{"nodeId":"n","detectionReport":{"location":{"x":4.9,"y":52.3,"coordinateSystem":1}}}',
    b'{"nodeId":"n","detectionReport":{"rangeBearing":{"azimuth":4.9,"datum":2,"coordinateSystem":1}}}',
    b'{"nodeId":5,"alert":{}}',
    b"\x12\x01n\x3a\x16\x32\x14\x09\x9a\x99\x99\x99\x99\x99\x13\x40\x11\x66\x66\x66\x66\x66\x26\x4a\x40\x38\x01\x6a\x00",
)


def messages() -> st.SearchStrategy[list[RawMessage]]:
    payload = st.one_of(st.binary(max_size=60), st.sampled_from([*PIECES, *_ELEMENTS, *_DRONESCOUT, *_ADSB, *_SAPIENT]))
    link_type = st.sampled_from([None, None, wifi.LINK_80211, wifi.LINK_RADIOTAP, ble.LINK_NORDIC, ble.LINK_HCI_H4])
    message = st.builds(
        RawMessage,
        payload=payload,
        received_s=st.sampled_from([0.0, 1_700_000_000.0, 1_700_003_599.9]),
        sensor=st.sampled_from([None, "mast"]),
        place=st.just("here"),
        link_type=link_type,
    )
    return st.lists(message, max_size=12)


def outcomes(decoded: Decoded) -> int:
    return len(decoded.detections) + len(decoded.rejects) + len(decoded.heartbeats) + decoded.ignored


def assert_same_rows(left: Detections, right: Detections) -> None:
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(left, column), getattr(right, column), err_msg=column)


@each_format
@settings(max_examples=100)
@given(batch=messages())
def test_never_raises_and_accounts_for_every_message(name: str, batch: list[RawMessage]) -> None:
    decoded = DECODERS[name](batch)
    assert outcomes(decoded) >= len(batch)
    assert all(len(reject.payload) <= MAX_QUARANTINE_BYTES and reject.detail for reject in decoded.rejects)
    rows = decoded.detections
    assert all(isinstance(sensor, str) and sensor for sensor in rows.sensor)
    assert all(isinstance(content, bytes) and len(content) == 16 for content in rows.content_id)
    assert not np.isnan(rows.received_s).any()


@each_format
@settings(max_examples=60)
@given(batch=messages(), cut=st.integers(0, 12))
def test_cutting_the_input_elsewhere_gives_the_same_rows(name: str, batch: list[RawMessage], cut: int) -> None:
    read = DECODERS[name]
    parts: Sequence[Decoded] = [read(batch[:cut]), read(batch[cut:])]
    whole = read(batch)
    assert_same_rows(whole.detections, Detections.concat([part.detections for part in parts]))
    assert outcomes(whole) == sum(outcomes(part) for part in parts)
    assert whole.heartbeats == tuple(beat for part in parts for beat in part.heartbeats)


@each_format
def test_nothing_gives_nothing(name: str) -> None:
    assert outcomes(DECODERS[name]([])) == 0
