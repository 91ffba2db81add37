"""What every wire format keeps: it never raises, accounts for every message, and cuts of the input change no row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Detections
from airspace.model.message import MAX_QUARANTINE_BYTES, Decoded, RawMessage
from receivers.formats import ble, wifi
from receivers.formats.detect import FORMATS
from tests.receivers.test_detect import PIECES

each_format = pytest.mark.parametrize("name", sorted(FORMATS))

_DRONESCOUT = (
    b'{"protocol":1.0,"data":{"sensor ID":"s1","timestamp":1735677508366,"status":"normal"}}',
    b'{"data":{"sensor ID":"s1","RSSI":-70,"type":"BLE legacy","UASdata":"AgASAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}}',
    b'{"data":{"UASdata":"!"}}{"data":{}}',
)


def messages() -> st.SearchStrategy[list[RawMessage]]:
    payload = st.one_of(st.binary(max_size=60), st.sampled_from([*PIECES, *_DRONESCOUT]))
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
    decoded = FORMATS[name](batch)
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
    read = FORMATS[name]
    parts: Sequence[Decoded] = [read(batch[:cut]), read(batch[cut:])]
    whole = read(batch)
    assert_same_rows(whole.detections, Detections.concat([part.detections for part in parts]))
    assert outcomes(whole) == sum(outcomes(part) for part in parts)
    assert whole.heartbeats == tuple(beat for part in parts for beat in part.heartbeats)


@each_format
def test_nothing_gives_nothing(name: str) -> None:
    assert outcomes(FORMATS[name]([])) == 0
