"""SAPIENT reports: what is read, in which unit, and what is refused because the sensor did not say."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from airspace.model.detection import Detections, Flag, IdType, Source, Transport, UaType
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import sapient, sapient_messages
from receivers.formats.framing import Refusal
from receivers.formats.sapient_declared import Declared, annotated, declared_by, declared_in
from tests.receivers import sapient_messages as made
from tests.receivers.sapient_messages import NODE, OBJECT, TIME_S


def decode(*messages: Any) -> Decoded:
    payloads = [one if isinstance(one, bytes) else one.SerializeToString() for one in messages]
    return sapient.decode([RawMessage(payload=payload, received_s=TIME_S + 1, place="here") for payload in payloads])


def row(message: Any) -> Detections:
    decoded = decode(message)
    assert not decoded.rejects, decoded.rejects
    assert len(decoded.detections) == 1
    return decoded.detections


def as_json(message: Any) -> bytes:
    text: str = importlib.import_module("google.protobuf.json_format").MessageToJson(message)
    return text.encode()


def declaring(message: Any, **declared: Any) -> bytes:
    return annotated(message.SerializeToString(), message, Declared(**declared))


def test_a_whole_report() -> None:
    message = made.located(z=80.5, x_error=0.0001, y_error=0.0002, z_error=4.0)
    report = message.detection_report
    report.detection_confidence = 0.75
    report.id = "PH-HEL"
    kind = report.classification.add(type="Air Vehicle", confidence=0.9).sub_class.add(type="UAV Rotary Wing", level=1)
    kind.confidence = 0.8
    report.classification.add(type="Unknown", confidence=0.1)
    report.signal.add(amplitude=-40.0, centre_frequency=5.8e9)
    report.signal.add(amplitude=-30.0, centre_frequency=2.44e9, start_frequency=2.43e9, stop_frequency=2.45e9)
    found = row(message)
    assert (found.source[0], found.transport[0]) == (Source.SAPIENT, Transport.NETWORK)
    assert (found.sensor[0], found.transmitter[0]) == (NODE, f"sapient:{NODE}:{OBJECT}")
    assert (found.time_s[0], found.received_s[0]) == (TIME_S, TIME_S)
    assert (found.latitude_deg[0], found.longitude_deg[0], found.altitude_wgs84_m[0]) == (52.31, 4.94, 80.5)
    assert found.horizontal_accuracy_m[0] == pytest.approx(22.3, abs=0.1)
    assert found.vertical_accuracy_m[0] == 4.0
    assert found.confidence[0] == 0.75
    assert (found.uas_id[0], found.uas_id_type[0]) == ("PH-HEL", IdType.UNKNOWN)
    assert found.signal_class[0] == "Air Vehicle, UAV Rotary Wing, Unknown"
    assert found.ua_type[0] == UaType.MULTIROTOR
    assert found.frequency_hz[0] == pytest.approx(2.44e9, rel=1e-6)
    assert found.bandwidth_hz[0] == pytest.approx(2e7, rel=1e-4)
    assert np_isnan(found, "rssi_dbm", "speed_m_s", "bearing_deg")


def np_isnan(found: Detections, *columns: str) -> bool:
    return all(math.isnan(getattr(found, column)[0]) for column in columns)


def test_json_gives_the_same_row() -> None:
    message = made.located(z=80.5)
    one, other = row(message), row(as_json(message))
    assert one.latitude_deg[0] == other.latitude_deg[0]
    assert one.transmitter[0] == other.transmitter[0]
    assert one.time_s[0] == other.time_s[0]


def test_x_is_the_longitude_also_in_radians() -> None:
    found = row(made.located(math.radians(4.94), math.radians(52.31), made.RADIANS, y_error=1e-6))
    assert found.longitude_deg[0] == pytest.approx(4.94)
    assert found.latitude_deg[0] == pytest.approx(52.31)
    assert found.horizontal_accuracy_m[0] == pytest.approx(6.38, abs=0.05)


@pytest.mark.parametrize(
    ("datum", "altitude_m"), [(made.ELLIPSOID, 80.0), (made.GEOID, math.nan), (0, math.nan)], ids=str
)
def test_a_height_counts_only_above_the_ellipsoid(datum: int, altitude_m: float) -> None:
    found = row(made.located(z=80.0, datum=datum))
    assert found.latitude_deg[0] == 52.31
    assert found.altitude_wgs84_m[0] == pytest.approx(altitude_m, nan_ok=True)


@pytest.mark.parametrize(("zone", "latitude_deg"), [("31U", 52.31), ("31N", 52.31), ("31K", -20.0), ("31k", -20.0)])
def test_utm_with_its_zone(zone: str, latitude_deg: float) -> None:
    crs = "EPSG:32631" if latitude_deg > 0 else "EPSG:32731"
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(4.94, latitude_deg)
    found = row(made.located(x, y, made.UTM, utm_zone=zone, x_error=3.0, y_error=4.0))
    assert found.latitude_deg[0] == pytest.approx(latitude_deg, abs=1e-9)
    assert found.longitude_deg[0] == pytest.approx(4.94, abs=1e-9)
    assert found.horizontal_accuracy_m[0] == 4.0


@pytest.mark.parametrize(
    ("message", "reason", "said"),
    [
        (made.located(system=0), RejectReason.UNKNOWN_FORMAT, "coordinate system 0"),
        (made.located(system=4), RejectReason.UNKNOWN_FORMAT, "coordinate system 4"),
        (made.located(631_000.0, 5_797_000.0, made.UTM), RejectReason.UNKNOWN_FORMAT, "without a zone"),
        (made.located(631_000.0, 5_797_000.0, made.UTM, utm_zone="31S"), RejectReason.UNKNOWN_FORMAT, "for certain"),
        (made.located(4.9, 52.3, made.UTM, utm_zone="31U"), RejectReason.VALUE_OUT_OF_RANGE, "no UTM coordinates"),
        (made.located(52.3, 214.0), RejectReason.VALUE_OUT_OF_RANGE, "globe"),
        (made.located(0.0, 0.0), RejectReason.VALUE_OUT_OF_RANGE, "globe"),
        (made.located(math.nan, math.inf), RejectReason.VALUE_OUT_OF_RANGE, "globe"),
        (made.report(), RejectReason.NO_DATA, "neither location"),
        (made.bearing(10.0, 2), RejectReason.UNKNOWN_FORMAT, "magnetic north"),
        (made.bearing(10.0, 3), RejectReason.UNKNOWN_FORMAT, "grid north"),
        (made.bearing(10.0, 4), RejectReason.UNKNOWN_FORMAT, "platform's north"),
        (made.bearing(10.0, 0), RejectReason.UNKNOWN_FORMAT, "unspecified north"),
        (made.bearing(10.0, 1, system=5), RejectReason.UNKNOWN_FORMAT, "coordinate system 5"),
        (made.message(), RejectReason.UNKNOWN_MESSAGE, "no content"),
        (b"\x12\x05", RejectReason.WRONG_TYPE, "not BSI Flex 335 v2"),
        (b'{"detectionReport":5}', RejectReason.WRONG_TYPE, "not BSI Flex 335 v2"),
        (b'{"detectionReport":{"objectId":"\\ud800"}}', RejectReason.WRONG_TYPE, "not BSI Flex 335 v2"),
        (b'{"a":' * 5000, RejectReason.WRONG_TYPE, "not BSI Flex 335 v2"),
    ],
    ids=lambda one: "" if not isinstance(one, str) else one,
)
def test_refused(message: Any, reason: RejectReason, said: str) -> None:
    decoded = decode(message)
    assert len(decoded.detections) == 0
    (refused,) = decoded.rejects
    assert refused.reason is reason
    assert said in refused.detail
    assert refused.payload
    assert refused.place == "here"


@pytest.mark.parametrize(
    ("system", "azimuth"), [(1, 350.0), (2, math.radians(350.0)), (3, 350.0), (4, math.radians(350.0))]
)
def test_a_bearing_from_true_north(system: int, azimuth: float) -> None:
    found = row(made.bearing(azimuth, 1, system, azimuth_error=azimuth / 100))
    assert found.bearing_deg[0] == pytest.approx(350.0)
    assert found.bearing_accuracy_deg[0] == pytest.approx(3.5)
    assert np_isnan(found, "latitude_deg", "longitude_deg")


@pytest.mark.parametrize("datum", [0, 2, 3, 4])
def test_a_bearing_from_a_declared_north(datum: int) -> None:
    assert row(declaring(made.bearing(350.0, datum), north_deg=12.5)).bearing_deg[0] == pytest.approx(2.5)


def test_a_declared_north_does_not_turn_true_north() -> None:
    assert row(declaring(made.bearing(350.0, 1), north_deg=12.5)).bearing_deg[0] == pytest.approx(350.0)


@pytest.mark.parametrize(("system", "range_"), [(1, 2000.0), (3, 2.0)])
def test_range_and_bearing_of_a_node_whose_place_is_known(system: int, range_: float) -> None:
    message = made.bearing(90.0, 1, system, range=range_, elevation=60.0, azimuth_error=1.0, range_error=range_ / 100)
    found = row(declaring(message, place=(52.0, 5.0)))
    azimuth, _, distance_m = Geod(ellps="WGS84").inv(5.0, 52.0, found.longitude_deg[0], found.latitude_deg[0])
    assert distance_m == pytest.approx(1000.0)
    assert azimuth == pytest.approx(90.0)
    assert found.horizontal_accuracy_m[0] == pytest.approx(20.0)
    assert found.bearing_deg[0] == 90.0


def test_speed_counts_only_in_declared_units() -> None:
    message = made.located()
    enu = message.detection_report.enu_velocity
    enu.east_rate, enu.north_rate, enu.up_rate = -36.0, 0.0, -2.0
    assert np_isnan(row(message), "speed_m_s", "track_deg", "vertical_speed_m_s")
    found = row(declaring(message, speed="kph", up="ms"))
    assert found.speed_m_s[0] == pytest.approx(10.0)
    assert found.track_deg[0] == pytest.approx(270.0)
    assert found.vertical_speed_m_s[0] == -2.0


def test_a_registration_declares_and_the_report_carries_it() -> None:
    declared = declared_by(made.registration(zone="31U").registration)
    assert declared == Declared(registered=True, speed="kph", up="ms", utm_zone="31U")
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:32631", always_xy=True).transform(4.94, 52.31)
    message = made.located(x, y, made.UTM)
    message.additional_information = "hello\nthere"
    payload = annotated(message.SerializeToString(), message, declared)
    assert payload.startswith(message.SerializeToString())
    assert row(payload).latitude_deg[0] == pytest.approx(52.31)
    read_back = sapient_messages.parse(payload)
    assert not isinstance(read_back, Refusal)
    assert read_back.additional_information.startswith("hello\nthere\n")


def test_modes_that_disagree_declare_nothing() -> None:
    message = made.registration()
    other = message.registration.mode_definition.add().detection_definition.add()
    other.velocity_type.enu_velocity_units.east_north_rate_units = 1
    other.location_type.zone = "32U"
    assert declared_by(message.registration) == Declared(registered=True, up="ms")


@settings(max_examples=100)
@given(st.text(max_size=120))
def test_a_stranger_s_words_declare_nothing_impossible(text: str) -> None:
    for one in (declared_in(text), declared_in(f"[airspace] {text}")):
        assert one.speed in {None, "ms", "kph"}
        assert one.north_deg is None or math.isfinite(one.north_deg)


@pytest.mark.parametrize("kind", ["Human", "Animal", "Land Vehicle", "LAND_VEHICLE", "Sea Vehicle"])
def test_what_does_not_fly_is_left_out(kind: str) -> None:
    message = made.located()
    message.detection_report.classification.add(type="Air Vehicle", confidence=0.2)
    message.detection_report.classification.add(type=kind, confidence=0.8)
    decoded = decode(message)
    assert (len(decoded.detections), decoded.rejects, decoded.ignored) == (0, (), 1)


def test_a_lost_object_is_left_out() -> None:
    message = made.located()
    message.detection_report.state = "lostInView"
    assert decode(message).ignored == 1


def test_a_serial_number_is_told_from_another_id() -> None:
    message = made.located()
    message.detection_report.id = "PH-HEL"
    message.detection_report.object_info.add(type="Serial Number", value="9999F0TESTSERIAL")
    found = row(message)
    assert (found.uas_id[0], found.uas_id_type[0]) == ("9999F0TESTSERIAL", IdType.SERIAL)
    assert found.flags[0] == Flag.SERIAL_INVALID
    message.detection_report.object_info[0].value = "99993ABC"
    assert row(message).flags[0] == 0


WHOLE = made.located(z=80.5, x_error=1e-4, utm_zone="31U")
WHOLE.detection_report.classification.add(type="Air Vehicle", confidence=0.9).sub_class.add(type="UAV", level=1)
WHOLE.detection_report.enu_velocity.east_rate = 3.0
SEEDS = [
    declaring(WHOLE, speed="kph", up="ms", utm_zone="31U", place=(52.0, 5.0), north_deg=3.0),
    declaring(made.bearing(90.0, 4, range=500.0, elevation=5.0, azimuth_error=1.0), place=(52.0, 5.0), north_deg=3.0),
    made.status().SerializeToString(),
    made.registration().SerializeToString(),
    as_json(WHOLE),
]


@settings(max_examples=400)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    st.integers(0, 400),
)
def test_damaged_messages_never_raise(seed: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    damaged = bytearray(seed)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    whole = bytes(damaged) if cut > len(seed) // 2 else bytes(damaged[: len(seed) - cut])
    decoded = decode(whole)
    assert len(decoded.detections) + len(decoded.heartbeats) + len(decoded.rejects) + decoded.ignored == 1
    places = decoded.detections.latitude_deg[~np.isnan(decoded.detections.latitude_deg)]
    assert (np.abs(places) <= 90).all()


def test_status_and_registration_are_heartbeats() -> None:
    decoded = decode(made.status(), made.registration())
    status, registration = decoded.heartbeats
    assert (status.sensor, status.logged_s, status.detail) == (NODE, TIME_S, "ok, normal")
    assert (status.latitude_deg, status.longitude_deg) == (52.0, 5.0)
    assert registration.detail == "registered, Roof radar, BSI Flex 335 v2.0"
    assert len(decoded.detections) == 0


def test_a_message_without_a_time_has_its_arrival() -> None:
    message = made.located()
    message.ClearField("timestamp")
    found = row(message)
    assert math.isnan(found.time_s[0])
    assert found.received_s[0] == TIME_S + 1


def test_what_begins_as_a_message_is_seen() -> None:
    assert sapient_messages.is_sapient(made.located().SerializeToString())
    assert sapient_messages.is_sapient(made.report(time_s=None).SerializeToString())
    assert not sapient_messages.is_sapient(b"\n")
    assert not sapient_messages.is_sapient(made.report(node="radar").SerializeToString())
    assert sapient_messages.is_sapient_json({"nodeId", "detectionReport"})
    assert not sapient_messages.is_sapient_json({"status", "data"})


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sapient_messages, "_library", lambda: None)
    (refused,) = decode(made.located()).rejects
    assert "extra 'sapient'" in refused.detail
    with pytest.raises(RuntimeError, match="extra 'sapient'"):
        sapient_messages.require()


def test_real_files_of_version_1(real_data: Path) -> None:
    """Apex's examples: a person in a coordinate system that is not stated, and forms that version 2 has not."""
    found = {}
    for file in sorted((real_data / "remote-id" / "sapient").glob("*.json")):
        decoded = decode(file.read_bytes())
        refused = [(one.reason, one.detail) for one in decoded.rejects]
        found[file.stem] = (len(decoded.detections), len(decoded.heartbeats), decoded.ignored, len(refused))
        assert all("not BSI Flex 335 v2" in detail and "[]" in detail for _, detail in refused)
    assert found == {
        "alert_proto": (0, 0, 1, 0),
        "detection_proto": (0, 0, 1, 0),
        "registration_proto": (0, 0, 0, 1),
        "status_proto": (0, 0, 0, 1),
        "task_proto": (0, 0, 1, 0),
    }


def test_the_real_report_is_refused_for_its_coordinates_when_it_is_no_person(real_data: Path) -> None:
    text = (real_data / "remote-id" / "sapient" / "detection_proto.json").read_text().replace("Human", "Air Vehicle")
    (refused,) = decode(text.encode()).rejects
    assert refused.detail == "location in coordinate system 0: not stated, not read"
