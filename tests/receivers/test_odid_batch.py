"""The batch decoder: equal to the plain reader on anything, in any batching."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Detections, Flag, HeightReference, IdType, OperatorLocation, Source
from airspace.model.message import MAX_QUARANTINE_BYTES, RejectReason
from receivers.formats.odid_batch import decode_payloads
from tests.receivers import odid_encoding as encode
from tests.receivers.odid_oracle import RECEIVED_S, expected, payloads, plain, row

HOUR_S = 3600.0
MIDNIGHT_S = 1_772_409_600.0  # 2026-03-02T00:00:00Z

ids = st.one_of(st.binary(max_size=20), st.sampled_from([b"9999F000000000012345", b"NL-1234", b"FIN87astrdge12k8-xyz"]))
positions = st.one_of(st.sampled_from([0.0, 214.7483647]), st.floats(-92, 92))  # 0x7FFFFFFF: no fix
messages = st.one_of(
    st.builds(encode.basic_id, ids, id_type=st.integers(0, 6), ua_type=st.integers(0, 15), version=st.integers(0, 15)),
    st.builds(
        encode.location,
        lat=positions,
        lon=positions,
        status=st.integers(0, 6),
        direction=st.integers(0, 255),
        east_west=st.integers(0, 1),
        speed=st.sampled_from([0, 40, 254, 255]),
        multiplier=st.integers(0, 1),
        vertical=st.integers(0, 255),
        height=st.sampled_from([None, -17.5, 0.0, 60.0, 31767.5]),
        over_ground=st.integers(0, 1),
        accuracy=st.integers(0, 255),
        tenths=st.one_of(st.integers(0, 36010), st.sampled_from([65534, 65535])),
    ),
    st.builds(encode.auth, page=st.integers(0, 15)),
    st.builds(encode.self_id, st.binary(max_size=23)),
    st.builds(
        encode.system,
        lat=st.one_of(positions, st.just(0.001)),
        lon=st.one_of(positions, st.just(-0.001)),
        operator_location=st.integers(0, 3),
        classification=st.integers(0, 7),
        category=st.integers(0, 15),
        eu_class=st.integers(0, 15),
    ),
    st.builds(encode.operator_id, ids),
    st.just(bytes(25)),
    st.binary(min_size=25, max_size=25),
)
auth_packs = st.builds(
    lambda pages, others: encode.pack(*pages, *others),
    st.lists(
        st.builds(encode.auth, page=st.integers(0, 3), last=st.integers(0, 3), length=st.integers(0, 70)), max_size=6
    ),
    st.lists(messages, max_size=3),
)
packs = auth_packs | st.builds(
    lambda held, count, size, tail: encode.pack(*held, count=count, size=size) + tail,
    st.lists(messages, max_size=11),
    st.one_of(st.none(), st.integers(0, 12), st.just(199)),
    st.sampled_from([25, 25, 25, 89]),
    st.binary(max_size=4),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.one_of(messages, packs)))
    for _ in range(draw(st.integers(0, 3))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, 300))])


anything = st.one_of(messages, packs, mutated(), st.binary(max_size=80))
receive_times = st.one_of(st.floats(1.5e9, 2.5e9), st.sampled_from([MIDNIGHT_S, RECEIVED_S, 0.0, np.nan, np.inf]))


def decoded(data: bytes, received_s: float = RECEIVED_S) -> dict[str, Any]:
    detections, rows, rejects = decode_payloads(payloads([data], received_s))
    assert (rows.tolist(), rejects) == ([0], ())
    return row(detections, 0)


def refused(data: bytes) -> RejectReason:
    detections, rows, rejects = decode_payloads(payloads([data]))
    assert len(detections) == len(rows) == 0
    return rejects[0].reason


def assert_same(first: Detections, second: Detections) -> None:
    for name, kind in COLUMNS.items():
        left, right = getattr(first, name), getattr(second, name)
        assert left.dtype == right.dtype
        if kind == "number":
            np.testing.assert_array_equal(left, right)
        else:
            assert left.tolist() == right.tolist(), name


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(anything, receive_times), min_size=1, max_size=8))
def test_equal_to_the_plain_reader(given_: list[tuple[bytes, float]]) -> None:
    data, received = [one for one, _ in given_], [time_s for _, time_s in given_]
    batch = payloads(data, received)
    detections, rows, rejects = decode_payloads(batch)
    wanted = [expected(one, time_s) for one, time_s in given_]
    assert rows.tolist() == [index for index, one in enumerate(wanted) if isinstance(one, dict)]
    assert [one.reason for one in rejects] == [one for one in wanted if isinstance(one, RejectReason)]
    for at, index in enumerate(rows.tolist()):
        got, want = row(detections, at), wanted[index]
        assert isinstance(want, dict)
        fixed = {"received_s": plain(received[index]), "logged_s": plain(received[index]), "sensor": f"sensor-{index}"}
        fixed |= {"source": int(Source.REMOTE_ID), "transport": 1, "rssi_dbm": -70.0, "counter": float(index)}
        fixed |= {"content_id": index.to_bytes(16, "big")}
        unknown = {name: 0 if kind in {"code", "bits"} else None for name, kind in COLUMNS.items()}
        assert got == unknown | fixed | {name: want[name] for name in want}


@settings(max_examples=100, deadline=None)
@given(st.lists(anything, min_size=2, max_size=12), st.data())
def test_any_split_gives_the_same_rows(data: list[bytes], draws: st.DataObject) -> None:
    cut = draws.draw(st.integers(1, len(data) - 1))
    whole = payloads(data)
    parts = [decode_payloads(whole.take(np.arange(*span))) for span in ((0, cut), (cut, len(data)))]
    detections, rows, rejects = decode_payloads(whole)
    assert_same(detections, Detections.concat([part for part, _, _ in parts]))
    assert rows.tolist() == [*parts[0][1].tolist(), *(parts[1][1] + cut).tolist()]
    assert rejects == (*parts[0][2], *parts[1][2])
    order = np.array(draws.draw(st.permutations(range(len(data)))))
    shuffled, shuffled_rows, _ = decode_payloads(whole.take(order))
    back = np.argsort(order[shuffled_rows])
    assert_same(detections, shuffled.take(back))


def test_no_payloads() -> None:
    detections, rows, rejects = decode_payloads(payloads([]))
    assert (len(detections), len(rows), rejects) == (0, 0, ())


def test_a_pack_is_one_row() -> None:
    got = decoded(encode.pack(encode.basic_id(), encode.location(tenths=3), encode.system(), encode.operator_id()))
    assert got["uas_id"] == "9999F000000000012345"
    assert got["uas_id_type"] == IdType.SERIAL
    assert (got["latitude_deg"], got["longitude_deg"]) == (52.3143, 4.9418)
    assert (got["height_m"], got["height_reference"]) == (60.0, HeightReference.TAKEOFF)
    assert got["operator_location_type"] == OperatorLocation.LIVE
    assert got["operator_id"] == "FIN87astrdge12k8"
    assert got["time_s"] == pytest.approx(RECEIVED_S - 0.1)
    assert got["flags"] == 0


def test_a_lone_location_has_no_id_and_no_operator() -> None:
    got = decoded(encode.location())
    assert (got["uas_id"], got["uas_id_type"], got["operator_location_type"]) == (None, 0, 0)


def test_an_auth_page_alone_is_heard() -> None:
    got = decoded(encode.auth())
    page = "page=0 type=1 last=2 length=63 time=1546300810 data=" + bytes(range(17)).hex()
    assert (got["counter"], got["authentication"], got["flags"]) == (0.0, page, 0)


def test_the_auth_pages_of_a_pack_are_put_together() -> None:
    pages = [encode.auth(page=page) for page in (2, 0, 1)]
    got = decoded(encode.pack(encode.basic_id(), *pages))
    data = bytes(range(17)) + bytes(range(23)) + bytes(range(23))
    assert got["authentication"] == f"type=1 time=1546300810 length=63 data={data.hex()}"
    assert got["flags"] == 0


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([encode.auth(), encode.auth(page=1)], id="missing"),
        pytest.param([encode.auth(page=1), encode.auth(page=2)], id="no first"),
        pytest.param([encode.auth(last=1), encode.auth(page=1), encode.auth(page=2)], id="too long"),
        pytest.param([encode.auth(length=17), encode.auth(length=16)], id="two contents"),
        pytest.param([encode.auth(length=17), encode.auth(page=1, auth_type=2)], id="two types"),
    ],
)
def test_auth_pages_that_make_no_whole(pages: list[bytes]) -> None:
    got = decoded(encode.pack(encode.basic_id(), *pages))
    assert (got["authentication"], got["flags"]) == (None, Flag.MESSAGE_INVALID)
    assert got["uas_id"] == "9999F000000000012345"


@pytest.mark.parametrize(
    ("received_s", "tenths", "time_s"),
    [
        (MIDNIGHT_S + 0.4, 35999, MIDNIGHT_S - 0.1),  # the hour, and the day, before
        (MIDNIGHT_S - 0.4, 1, MIDNIGHT_S + 0.1),
        (MIDNIGHT_S + 0.4, 36000, MIDNIGHT_S),
        (MIDNIGHT_S - 0.4, 36000, MIDNIGHT_S),
        (MIDNIGHT_S - HOUR_S + 0.4, 35999, MIDNIGHT_S - HOUR_S - 0.1),
        (MIDNIGHT_S + 60.2, 599, MIDNIGHT_S + 59.9),
        (MIDNIGHT_S + 1799.0, 0, MIDNIGHT_S),
        (MIDNIGHT_S + 1801.0, 0, MIDNIGHT_S + HOUR_S),
    ],
)
def test_the_closest_hour(received_s: float, tenths: int, time_s: float) -> None:
    assert decoded(encode.location(tenths=tenths), received_s)["time_s"] == pytest.approx(time_s, abs=1e-6)


@pytest.mark.parametrize(("late_s", "flag"), [(1.8, 0), (4.9, 0), (5.2, Flag.SKEW), (1500.0, Flag.SKEW)])
def test_skew(late_s: float, flag: int) -> None:
    assert decoded(encode.location(tenths=0), MIDNIGHT_S + late_s)["flags"] == flag


@pytest.mark.parametrize("tenths", [36001, 65535])
def test_no_message_time(tenths: int) -> None:
    got = decoded(encode.location(tenths=tenths))
    assert got["time_s"] is None
    assert got["flags"] == (Flag.TIME_INVALID if tenths == 36001 else 0)


SESSION = encode.basic_id(b"\x01\xaa\xbb", id_type=4, ua_type=0)
SERIAL = encode.basic_id()


@pytest.mark.parametrize(
    "held",
    [(SERIAL, SESSION), (SESSION, SERIAL), (SESSION, encode.basic_id(b""), SERIAL, SERIAL)],
)
def test_a_serial_wins_and_the_other_is_the_alias(held: tuple[bytes, ...]) -> None:
    got = decoded(encode.pack(*held))
    assert (got["uas_id"], got["uas_id_type"]) == ("9999F000000000012345", IdType.SERIAL)
    assert (got["alias_id"], got["alias_id_type"]) == ("01aabb", IdType.SESSION)
    assert got["ua_type"] == 2


def test_empty_and_repeated_ids_are_no_alias() -> None:
    assert decoded(encode.pack(SERIAL, encode.basic_id(b"", id_type=4)))["alias_id"] is None
    assert decoded(encode.pack(SERIAL, SERIAL))["alias_id"] is None


def test_of_several_other_ids_the_first_is_the_alias() -> None:
    later = encode.basic_id(b"NL-1234", id_type=2)
    assert decoded(encode.pack(later, SESSION, SERIAL))["alias_id"] == "NL-1234"
    assert decoded(encode.pack(SERIAL, SESSION, later))["alias_id"] == "01aabb"


def test_damage_leaves_the_rest_of_the_pack() -> None:
    got = decoded(encode.pack(encode.basic_id(), encode.location(lat=-168.0), encode.system()))
    assert got["flags"] == Flag.MESSAGE_INVALID | Flag.POSITION_INVALID
    assert (got["latitude_deg"], got["speed_m_s"], got["status"]) == (None, None, 0)
    assert (got["uas_id"], got["operator_latitude_deg"]) == ("9999F000000000012345", 52.314)
    assert decoded(encode.pack(encode.basic_id(), encode.location(status=9)))["flags"] == Flag.MESSAGE_INVALID
    assert decoded(encode.pack(encode.basic_id(), b"\x82" + bytes(24)))["flags"] == Flag.MESSAGE_INVALID


def test_a_pack_that_starts_up() -> None:
    slots = (encode.basic_id(), bytes(25), bytes(25))
    assert refused(encode.pack(*slots, count=0)) is RejectReason.NO_DATA
    assert refused(encode.pack(bytes(25), bytes(25))) is RejectReason.NO_DATA
    got = decoded(encode.pack(*slots, count=3))
    assert (got["uas_id"], got["alias_id"], got["flags"]) == ("9999F000000000012345", None, 0)


@pytest.mark.parametrize(("count", "size"), [(70, 25), (79, 25), (1, 89), (9, 25)])
def test_corrupt_counts(count: int, size: int) -> None:
    got = decoded(encode.pack(encode.basic_id(), count=count, size=size) + b"\x01\x02")
    assert (got["uas_id"], got["flags"]) == ("9999F000000000012345", Flag.PACK_COUNT)


def test_reject_says_where_and_keeps_little() -> None:
    data = encode.pack(bytes(25), count=0) + bytes(5000)
    _, _, (reject,) = decode_payloads(payloads([data]))
    assert (reject.place, reject.sensor, reject.received_s) == ("line 1", "sensor-0", RECEIVED_S)
    assert len(reject.payload) == MAX_QUARANTINE_BYTES


def test_known_flags_stay() -> None:
    given_ = payloads([encode.location(), encode.location()])
    given_.flags[0] = Flag.CRC_FAILED
    detections, _, _ = decode_payloads(given_)
    assert (detections.flags & int(Flag.CRC_FAILED) != 0).tolist() == [True, False]
    assert given_.flags.tolist() == [int(Flag.CRC_FAILED), 0]


def test_a_long_operator_number_loses_its_secret() -> None:
    got = decoded(encode.operator_id(b"FIN87astrdge12k8-xyz"))
    assert (got["operator_id"], got["flags"]) == ("FIN87astrdge12k8", Flag.OPERATOR_ID_LONG)
