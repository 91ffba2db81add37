"""Authentication a page a message: from radio frames to the row that completes it, in any batching."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Detections, Flag
from airspace.model.message import RawMessage
from airspace.model.sensor import Sensor
from receivers.attribution import attributed
from receivers.authentication import Authentications, AuthenticationsOfRecordings
from receivers.formats.detect import FORMATS
from receivers.formats.framing import Signal, decode_framed
from receivers.formats.odid_auth import JOINED_WITHIN_S
from receivers.formats.turns import taken, turns
from receivers.gate import Gate
from tests.receivers import odid_encoding as encode

NOW_S = 1_772_366_400.0
DATA = bytes(range(17)) + bytes(range(23)) * 2
WHOLE = f"type=1 time=1546300810 length=63 data={DATA.hex()}"
SENSORS = {name: Sensor(sensor_id=name, name=name, kind="remote_id") for name in ("mast", "roof")}


def heard(*pages: int, transmitter: str | None = "02:00:00:00:00:01", sensor: str = "mast", **made: int) -> Detections:
    """Rows of Bluetooth 4 messages, a page each, as a framing gives them; -1 is a Basic ID."""
    messages = [
        RawMessage(
            payload=encode.basic_id() if page < 0 else encode.auth(page=page, **made),
            received_s=NOW_S + number,
            sensor=sensor,
        )
        for number, page in enumerate(pages)
    ]
    counter = iter(range(len(messages)))
    framed = decode_framed(
        messages, lambda one: [Signal(payload=one.payload, transmitter=transmitter, counter=float(next(counter)))]
    )
    assert not framed.rejects
    return framed.detections


def joined(rows: Detections) -> list[str | None]:
    found: list[str | None] = AuthenticationsOfRecordings().join(rows).authentication.tolist()
    return found


def test_the_row_that_completes_it_has_the_whole() -> None:
    assert joined(heard(-1, 0, 1, -1, 2, -1)) == [None, None, None, None, WHOLE, None]
    assert joined(heard(2, 1, 0)) == [None, None, WHOLE]


def test_rows_without_pages_are_left_as_they_are() -> None:
    rows = heard(-1, -1)
    assert AuthenticationsOfRecordings().join(rows) is rows
    packed = heard(0, length=5)
    assert joined(packed) == packed.authentication.tolist() == ["type=1 time=1546300810 length=5 data=0001020304"]


def test_neither_transmitters_nor_sensors_are_mixed() -> None:
    first = Detections.concat([heard(0, 1), heard(2, transmitter="02:00:00:00:00:02"), heard(2, sensor="roof")])
    assert joined(first) == [None] * 4
    assert joined(heard(0, 1, 2, transmitter=None)) == [None] * 3


def test_what_is_no_news_completes_nothing() -> None:
    rows = heard(0, 1, 2)
    stale = rows.replace(flags=np.array([0, 0, int(Flag.STALE)], dtype=np.int64))
    assert joined(stale) == [None] * 3


def test_pages_are_forgotten_by_the_time_of_the_log() -> None:
    joining, rows = Authentications(), heard(0, 1, 2)
    late_s = np.array([NOW_S, NOW_S + 1, NOW_S + JOINED_WITHIN_S + 0.5])
    assert joining.join(rows, late_s).authentication.tolist() == [None] * 3
    later = heard(0).replace(counter=np.array([3.0]))
    again = joining.join(later, np.array([NOW_S + JOINED_WITHIN_S + 0.7]))
    assert again.authentication.tolist() == [WHOLE]


def test_a_sensor_whose_clock_jumps_back_is_joined_all_the_same() -> None:
    rows = heard(0, 1, 2)
    rows = rows.replace(received_s=rows.received_s - np.array([0.0, 100.0, 200.0]))
    assert joined(rows)[-1] == WHOLE


PAGES = st.lists(
    st.tuples(
        st.integers(-1, 3),
        st.sampled_from(["02:00:00:00:00:01", "02:00:00:00:00:02", None]),
        st.sampled_from(["mast", "roof"]),
        st.sampled_from([0.0, 0.1, 1.0, 40.0]),
    ),
    max_size=24,
)


@settings(max_examples=100)
@given(PAGES, st.data())
def test_any_batching_gives_the_same(said: list[tuple[int, str | None, str, float]], draws: st.DataObject) -> None:
    parts = [heard(page, transmitter=transmitter, sensor=sensor) for page, transmitter, sensor, _ in said]
    rows = Detections.concat(parts)
    rows = rows.replace(received_s=NOW_S + np.cumsum([pause_s for *_, pause_s in said]))
    cuts = sorted(draws.draw(st.lists(st.integers(0, len(said)), max_size=4)))
    joining, found = AuthenticationsOfRecordings(), []
    for start, stop in zip([0, *cuts], [*cuts, len(said)], strict=True):
        found += joining.join(rows.take(slice(start, stop))).authentication.tolist()
    assert found == joined(rows)
    assert all(text is None or text == WHOLE for text in found)


def test_the_gate_joins_what_it_lets_pass_and_a_recording_gives_the_same_again() -> None:
    decode, gate = attributed(FORMATS["auto"]), Gate(SENSORS, accept_unknown_sensors=False)
    found, again = [], []
    for number, page in enumerate((0, 1, 2, 1)):
        messages = [message(page), message(page, sensor="nobody")]
        decoded = decode(messages)
        admitted = gate.admit(decoded, NOW_S + number)
        found += admitted.detections.authentication.tolist()
        for turn in turns(messages, decoded, admitted, NOW_S + number, decode):
            again += taken(turn, decode).detections.authentication.tolist()
    assert found == again == [None, None, WHOLE, WHOLE]


def test_what_the_gate_refuses_completes_nothing() -> None:
    sensors = SENSORS | {"mast": replace(SENSORS["mast"], until_s=NOW_S + 1.5)}
    gate, decode = Gate(sensors, accept_unknown_sensors=False), FORMATS["auto"]
    pages = [gate.admit(decode([message(page)]), NOW_S + page) for page in range(2)]
    assert [len(one.detections) for one in pages] == [1, 1]
    assert not len(gate.admit(decode([message(2)]), NOW_S + 2).detections)
    gate.know(SENSORS)
    late = gate.admit(decode([message(1)]), NOW_S + 3)
    assert late.detections.authentication.tolist() == [None]


def message(page: int, sensor: str = "mast") -> RawMessage:
    """As DroneScout sends a Bluetooth 4 message."""
    data = base64.b64encode(encode.auth(page=page)).decode()
    payload = (
        f'{{"protocol":1.0,"data":{{"sensor ID":"{sensor}","RSSI":-70,"timestamp":{int((NOW_S + page) * 1000)},'
        f'"MAC address":"02:00:00:00:00:01","type":"BLE legacy","UASdata":"{data}"}}}}'
    )
    return RawMessage(payload=payload.encode(), received_s=NOW_S + page)
