"""The twenty edge cases of the handbook (page remote-id, section 9), one table each, through the whole decoder.

1-15 and 19 are of the binary formats and stand here. 13 is here for Open Drone ID, the French beacon and DJI; its
SAPIENT part is in ``test_sapient``. 6 has peers' faults of its own (local time, rounding of seconds): here is that ours
has none. Of 20 the operator's secret and third-party frames are here. Elsewhere: 16 (JSON) in ``test_detect``,
``test_dronescout`` and the tests of the JSON formats; 17 (retained messages) in ``test_mqtt`` and ``test_gate``; 18
(clock of a receiver) in ``test_gate``; of 10 the two sightings in ``tests/airspace/test_tracking``; of 19 the
invented ICAO addresses in the tests of the ADS-B formats.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from airspace.model.detection import Flag, IdType, OperatorLocation
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import ble, dji, french, wifi
from receivers.formats.framing import Signal, decode_framed
from tests.receivers import dji_encoding
from tests.receivers import odid_encoding as encode
from tests.receivers.odid_oracle import RECEIVED_S, row
from tests.receivers.test_ble import advertisement, extended, nordic
from tests.receivers.test_wifi import FRAME, beacon, element, nan_action

HOUR_S = 3600.0
MIDNIGHT_S = 1_772_409_600.0  # 2026-03-02T00:00:00Z
NONE = Flag(0)
located = partial(encode.location, tenths=4)  # at the time of reception


def decoded(payload: bytes, received_s: float = RECEIVED_S) -> Decoded:
    message = RawMessage(payload=payload, received_s=received_s, sensor="mast", place="here")
    return decode_framed([message], lambda given: [Signal(payload=given.payload)])


def one(payload: bytes, received_s: float = RECEIVED_S) -> dict[str, Any]:
    found = decoded(payload, received_s)
    assert found.rejects == ()
    return row(found.detections, 0)


def of(found: Decoded) -> dict[str, Any]:
    return row(found.detections, 0)


def refused(payload: bytes) -> RejectReason:
    found = decoded(payload)
    assert len(found.detections) == 0
    return found.rejects[0].reason


def captured(payload: bytes, link_type: int) -> Decoded:
    read = wifi.decode if link_type in wifi.LINKS else ble.decode
    return read([RawMessage(payload=payload, received_s=RECEIVED_S, sensor="mast", link_type=link_type)])


def bare(read: Callable[[list[RawMessage]], Decoded], payload: bytes) -> Decoded:
    return read([RawMessage(payload=payload, received_s=RECEIVED_S, sensor="mast")])


Case = tuple[bytes, dict[str, Any]]

FIELDS: dict[str, Case] = {
    "1 nowhere": (located(lat=0.0, lon=0.0), {"latitude_deg": None, "longitude_deg": None}),
    "1 on the meridian": (located(lon=0.0), {"latitude_deg": 52.3143, "longitude_deg": 0.0}),
    "1 on the equator": (located(lat=0.0), {"latitude_deg": 0.0, "longitude_deg": 4.9418}),
    "1 the operator nowhere": (encode.system(lat=0.0, lon=0.0), {"operator_latitude_deg": None}),
    "1 the operator on the meridian": (encode.system(lon=0.0), {"operator_longitude_deg": 0.0}),
    "2 361 degrees while hovering": (located(direction=181, east_west=1), {"track_deg": None}),
    "2 359 degrees": (located(direction=179, east_west=1), {"track_deg": 359.0}),
    "3 255 with the multiplier": (located(speed=255, multiplier=1), {"speed_m_s": None}),
    "3 255 without it": (located(speed=255), {"speed_m_s": 63.75}),
    "3 vertical 126": (located(vertical=126), {"vertical_speed_m_s": None}),
    "4 all altitudes -1000 but the height": (
        located(pressure=None, geodetic=None, height=11.0),
        {"altitude_pressure_m": None, "altitude_wgs84_m": None, "height_m": 11.0},
    ),
    "5 below the take-off point": (located(height=-17.5), {"height_m": -17.5, "flags": NONE}),
    "6 65535": (located(tenths=65535), {"time_s": None, "flags": NONE}),
    "6 36001": (located(tenths=36001), {"time_s": None, "flags": Flag.TIME_INVALID}),
    "8 no system time": (encode.system(seconds=0), {"time_s": None, "flags": NONE}),
    "8 a system time of 2019 is no message time": (encode.system(seconds=28_000_000), {"time_s": None, "flags": NONE}),
    "9 a pack of one": (encode.pack(located()), {"latitude_deg": 52.3143, "flags": NONE}),
    "9 zero-filled slots": (
        encode.pack(encode.basic_id(), bytes(25), bytes(25)),
        {"uas_id": "9999F000000000012345", "alias_id": None, "flags": NONE},
    ),
    "9 nine messages": (
        encode.pack(
            encode.basic_id(),
            encode.basic_id(b"\x01\xaa", id_type=4),
            located(),
            *(encode.auth(page=page) for page in range(3)),
            encode.self_id(),
            encode.system(),
            encode.operator_id(),
        ),
        {
            "uas_id": "9999F000000000012345",
            "alias_id": "01aa",
            "self_id": "roof survey",
            "operator_id": "FIN87astrdge12k8",
            "flags": NONE,
            "authentication": "type=1 time=1546300810 length=63 data="
            + (bytes(range(17)) + bytes(range(23)) * 2).hex(),
        },
    ),
    "9 a count of 70": (encode.pack(encode.basic_id(), count=70), {"flags": Flag.PACK_COUNT}),
    "9 a count of 79": (encode.pack(encode.basic_id(), count=79), {"flags": Flag.PACK_COUNT}),
    "9 a single size of 89": (encode.pack(encode.basic_id(), size=89), {"flags": Flag.PACK_COUNT}),
    "9 a count above the length": (
        encode.pack(encode.basic_id(), located(), count=3),
        {"latitude_deg": 52.3143, "flags": Flag.PACK_COUNT},
    ),
    "9 trailing bytes": (encode.pack(encode.basic_id()) + b"\x01\x02\x03", {"flags": NONE}),
    "10 damage leaves the rest": (
        encode.pack(encode.basic_id(), located(lat=-168.0), encode.self_id()),
        {"uas_id": "9999F000000000012345", "latitude_deg": None, "self_id": "roof survey"},
    ),
    "10 a serial with a bit error": (
        encode.basic_id(b"9999\xb0\xe5000000000012345"),
        {"flags": Flag.SERIAL_INVALID | Flag.TEXT_CLEANED},
    ),
    "11 text without a type": (
        encode.basic_id(b"112624150A90", id_type=0),
        {"uas_id": "112624150A90", "uas_id_type": IdType.UNKNOWN, "flags": Flag.ID_TYPE_MISSING},
    ),
    "11 a binary id is hex": (
        encode.basic_id(b"ABCDEFGHIJKLMNOP", id_type=3),
        {"uas_id": b"ABCDEFGHIJKLMNOP".hex(), "uas_id_type": IdType.UTM},
    ),
    "11 a session id is hex": (encode.basic_id(b"\x01AB", id_type=4), {"uas_id": "014142"}),
    "11 control characters": (encode.basic_id(b"NL-\x1b[1m7", id_type=2), {"uas_id": "NL-[1m7"}),
    "12 no operator number": (encode.operator_id(b""), {"operator_id": None, "flags": NONE}),
    "12 nineteen characters": (
        encode.operator_id(b"FIN87astrdge12kxyz8"),
        {"operator_id": "FIN87astrdge12kx", "flags": Flag.OPERATOR_ID_LONG},
    ),
    "13 little endian": (
        b"\x12\x20\x00\x00\x00" + bytes.fromhex("d8c62e1f20b4f102") + bytes(6) + b"\0\0\xff\xff\0\0",
        {"latitude_deg": 52.3159256, "longitude_deg": 4.939472},
    ),
    "14 version 3": (located(version=3), {"latitude_deg": 52.3143, "flags": Flag.VERSION_UNKNOWN}),
    "14 version 15": (encode.basic_id(version=15), {"protocol_version": 15.0, "flags": Flag.VERSION_UNKNOWN}),
    "14 version 0": (encode.basic_id(version=0), {"protocol_version": 0.0, "flags": NONE}),
    "15 two ids": (
        encode.pack(encode.basic_id(b"\x01\xaa", id_type=4), encode.basic_id()),
        {"uas_id": "9999F000000000012345", "alias_id": "01aa", "alias_id_type": IdType.SESSION},
    ),
    "19 a test transmitter": (encode.system(lat=0.001, lon=-0.001), {"flags": Flag.TEST_TRANSMITTER}),
    "20 the secret characters": (
        encode.operator_id(b"FIN87astrdge12k8-xyz"),
        {"operator_id": "FIN87astrdge12k8", "flags": Flag.OPERATOR_ID_LONG},
    ),
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields(name: str) -> None:
    payload, wanted = FIELDS[name]
    got = one(payload)
    assert {column: got[column] for column in wanted} == wanted


TIMES: dict[str, tuple[float, int, float]] = {  # received, tenths after the hour, message time
    "6 59.9 s is not rounded to 60": (MIDNIGHT_S + 60.2, 599, MIDNIGHT_S + 59.9),
    "6 the hour after midnight has one before it": (MIDNIGHT_S + 1.8, 0, MIDNIGHT_S),
    "6 36000 is the full hour": (MIDNIGHT_S + 0.4, 36000, MIDNIGHT_S),
    "7 3599.9 s received at 00:00:00.4": (MIDNIGHT_S + 0.4, 35999, MIDNIGHT_S - 0.1),
    "7 the end of any hour": (MIDNIGHT_S + HOUR_S + 0.4, 35999, MIDNIGHT_S + HOUR_S - 0.1),
    "7 0.1 s received before midnight": (MIDNIGHT_S - 0.4, 1, MIDNIGHT_S + 0.1),
}


@pytest.mark.parametrize("name", TIMES)
def test_times(name: str) -> None:
    received_s, tenths, time_s = TIMES[name]
    got = one(encode.location(tenths=tenths), received_s)
    assert got["time_s"] == pytest.approx(time_s, abs=1e-6)
    assert got["flags"] == NONE


REFUSED: dict[str, tuple[bytes, RejectReason]] = {
    "9 a count of 0": (encode.pack(encode.basic_id(), count=0), RejectReason.NO_DATA),
    "9 zero-filled slots alone": (encode.pack(bytes(25), bytes(25)), RejectReason.NO_DATA),
    "9 a header alone": (encode.pack(count=3), RejectReason.TRUNCATED),
    "9 a pack in a pack": (encode.pack(encode.pack(bytes(22))), RejectReason.UNKNOWN_MESSAGE),
    "10 latitude -168": (encode.location(lat=-168.0), RejectReason.VALUE_OUT_OF_RANGE),
    "10 longitude -214": (encode.location(lon=-214.0), RejectReason.VALUE_OUT_OF_RANGE),
    "10 status 9": (encode.location(status=9), RejectReason.VALUE_OUT_OF_RANGE),
    "10 type 8": (b"\x82" + bytes(24), RejectReason.UNKNOWN_MESSAGE),
    "10 type 9": (b"\x92" + bytes(24), RejectReason.UNKNOWN_MESSAGE),
    "10 type 13": (b"\xd2" + bytes(24), RejectReason.UNKNOWN_MESSAGE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    payload, reason = REFUSED[name]
    assert refused(payload) is reason


def test_9_a_pack_that_grows_while_the_transmitter_starts() -> None:
    held = [encode.basic_id(), encode.location(lat=0.0, lon=0.0, tenths=65535), encode.self_id(), encode.system()]
    for count in range(1, len(held) + 1):
        got = one(encode.pack(*held[:count], *[bytes(25)] * (len(held) - count), count=count))
        assert (got["uas_id"], got["latitude_deg"], got["flags"]) == ("9999F000000000012345", None, NONE)
        assert (got["self_id"] is None, got["operator_latitude_deg"] is None) == (count < 3, count < 4)


def test_13_axes_of_the_other_formats() -> None:
    got = of(bare(french.decode, french.ELEMENT + dji_encoding.french()))
    assert (got["latitude_deg"], got["longitude_deg"]) == (43.94965, -4.81871)  # big endian
    got = of(bare(dji.decode, dji.MARK + dji_encoding.flight(lat=52.0, lon=4.0, app=(53.0, 5.0))))
    wanted = pytest.approx((52.0, 4.0, 53.0, 5.0), abs=1e-5)  # longitude first, but not for the app
    places = ("latitude_deg", "longitude_deg", "operator_latitude_deg", "operator_longitude_deg")
    assert tuple(got[name] for name in places) == wanted
    assert got["operator_location_type"] == OperatorLocation.LIVE


def test_13_the_service_id_as_it_is_on_air() -> None:
    swapped = advertisement(encode.basic_id()).replace(b"\x16\xfa\xff", b"\x16\xff\xfa")
    assert len(captured(nordic(extended(advertisement(encode.basic_id()), coded=True), 0x21), 272).detections) == 1
    (reject,) = captured(nordic(extended(swapped, coded=True), 0x21), 272).rejects
    assert reject.reason is RejectReason.NOT_REMOTE_ID


PACK = encode.pack(encode.basic_id(), encode.location())
FRAMES: dict[str, tuple[bytes, int]] = {
    "BLE 5": (nordic(extended(advertisement(PACK, 77), coded=True), 0x21), ble.LINK_NORDIC),
    "BLE 4": (nordic(extended(advertisement(encode.location(), 77), coded=False)), ble.LINK_NORDIC),
    "Wi-Fi beacon": (beacon(element(0xDD, b"\xfa\x0b\xbc\x0d\x4d" + PACK)), wifi.LINK_80211),
    "Wi-Fi NAN": (nan_action(b"\x4d" + PACK), wifi.LINK_80211),
}


@pytest.mark.parametrize("name", FRAMES)
def test_the_message_counter_of_every_framing(name: str) -> None:
    assert captured(*FRAMES[name]).detections.counter.tolist() == [77.0]


def test_the_sniffers_checksum_is_honoured() -> None:
    """Link type 272: header byte 8 is 0x21 for a good frame and 0x20 for a bad one."""
    packet = extended(advertisement(PACK), coded=True)
    assert len(captured(nordic(packet, 0x21), ble.LINK_NORDIC).detections) == 1
    (reject,) = captured(nordic(packet, 0x20), ble.LINK_NORDIC).rejects
    assert (reject.reason, reject.payload) == (RejectReason.CRC_FAILED, b"")


def test_20_nothing_of_third_parties_is_kept() -> None:
    others = [
        beacon(element(0xDD, b"\x00\x50\xf2\x02secret")),
        beacon(element(0xDD, b"\x26\x37\x12\x99secret")),
        FRAME[:30],
        b"\x08\x02" + FRAME[2:],  # a data frame
    ]
    for frame in others:
        (reject,) = captured(frame, wifi.LINK_80211).rejects
        assert reject.payload == b""
        assert "secret" not in reject.detail
