"""A proven sensor's name stands in the rows, whatever its messages say."""

from __future__ import annotations

from airspace.model.message import RawMessage
from bench.workload import City
from receivers.attribution import attributed
from receivers.formats.detect import FORMATS

decode = attributed(FORMATS["auto"])
CITY = City(4)  # its messages say that they are of the sensor "north"


def message(drone: int, sensor: str, *, proven: bool) -> RawMessage:
    return RawMessage(payload=CITY.message(drone, 1.0), received_s=1e9, sensor=sensor, proven=proven)


def test_what_is_not_proven_stays_as_it_is() -> None:
    messages = [message(0, "south", proven=False)]
    rows, plain = decode(messages).detections, FORMATS["auto"](messages).detections
    assert rows.sensor.tolist() == plain.sensor.tolist() == ["north"]
    assert rows.content_id.tolist() == plain.content_id.tolist()


def test_a_proven_sensor_cannot_speak_for_another() -> None:
    (own,) = decode([message(0, "north", proven=True)]).detections.content_id
    rows = decode([message(0, "south", proven=True), message(1, "north", proven=False)]).detections
    assert rows.sensor.tolist() == ["south", "north"]
    assert own not in rows.content_id.tolist(), "it could have stored the other's row first"


def test_the_right_name_keeps_its_content_id() -> None:
    proven, plain = (decode([message(0, "north", proven=each)]).detections for each in (True, False))
    assert proven.content_id.tolist() == plain.content_id.tolist()


def test_heartbeats_and_rejects_too() -> None:
    beat = b'{"protocol":1.0,"data":{"sensor ID":"north","timestamp":1e12,"firmware version":"1","status":"ok"}}'
    messages = [
        RawMessage(payload=payload, received_s=1e9, sensor="south", proven=True)
        for payload in (beat, b"{not json", CITY.message(0, 1.0))
    ]
    decoded = decode([*messages, message(1, "west", proven=True)])
    assert {one.sensor for one in decoded.heartbeats} == {"south"}
    assert {one.sensor for one in decoded.rejects} == {"south"}
    assert len(decoded.heartbeats) == len(decoded.rejects) == 1
    assert decoded.detections.sensor.tolist() == ["south", "west"]
