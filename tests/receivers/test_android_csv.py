"""The Android app's CSV, in both forms of its header, with texts that break its columns and lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.detection import Detections, Transport
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from receivers.formats import android_csv
from receivers.formats.framing import Refusal
from receivers.sources import files as recordings
from tests.receivers import odid_encoding as encode
from tests.receivers.test_ble import advertisement

T0 = 1_772_366_400.0
BASIC = "idType,uaType,uasId,"
TAIL = BASIC + BASIC + "status,heightType,rssiX,direction,descriptionType,operationDescription,payload2,"
NEW = "session,timestamp (nanos),transportType,macAddress,msgVersion,rssi,payload," + TAIL
OLD = "session,timestamp (nanos),mac address,callbackType,rssi,payload," + TAIL
MAC = "60:60:1f:0a:0b:0c"
BASIC_ID, LOCATION = encode.basic_id(), encode.location()
PACK = encode.pack(BASIC_ID, LOCATION, encode.self_id(b"roof, survey"))


def spaced(data: bytes) -> str:
    return "".join(f"{byte:02X} " for byte in data)


def new_row(data: bytes, *, kind: str = "BT5", nanos: int = 10**12, rssi: int = -70, mac: str = MAC) -> str:
    return f"1,{nanos},{kind},{mac},2,{rssi},{spaced(data)},1,2,9999F000000000012345,,,,roof, survey,"


def file(*lines: str, header: str = NEW) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def messages(data: bytes) -> tuple[list[RawMessage], list[Reject]]:
    found = list(android_csv.rows(data, "walk.csv", T0))
    return [one for one in found if isinstance(one, RawMessage)], [one for one in found if isinstance(one, Reject)]


def decoded(data: bytes) -> Decoded:
    return android_csv.decode(messages(data)[0])


def rows(data: bytes) -> Detections:
    return decoded(data).detections


def test_every_transport() -> None:
    ble4 = advertisement(BASIC_ID)[3:].ljust(62, b"\0")
    got = rows(
        file(
            new_row(ble4, kind="BT4"),
            new_row(advertisement(PACK, 9), kind="BT5"),
            new_row(b"\x07" + PACK + bytes(9), kind="Beacon"),
            new_row(b"\x08" + PACK, kind="NAN", mac="12345", rssi=0),
        )
    )
    kinds = [Transport.BLE4, Transport.BLE5, Transport.WIFI_BEACON, Transport.WIFI_NAN]
    assert got.transport.tolist() == kinds
    assert got.counter.tolist() == [5.0, 9.0, 7.0, 8.0]
    assert got.transmitter.tolist() == [MAC.upper()] * 3 + ["NAN 12345"]
    assert got.rssi_dbm.tolist()[:3] == [-70.0] * 3
    assert got.rssi_dbm[3] != got.rssi_dbm[3]
    assert set(got.uas_id) == {"9999F000000000012345"}
    assert got.self_id.tolist() == [None] + ["roof, survey"] * 3
    assert set(got.sensor) == {"walk"}


def test_the_older_form_has_bluetooth_only() -> None:
    row = f"1,5,{MAC},1,-60,{spaced(advertisement(BASIC_ID)[3:])},1,2,x,"
    got = rows(file(row, header=OLD))
    assert (got.transport.tolist(), got.transmitter.tolist()) == ([Transport.UNKNOWN], [MAC.upper()])
    assert (got.rssi_dbm.tolist(), got.uas_id.tolist()) == ([-60.0], ["9999F000000000012345"])


def test_times_are_counted_from_the_first_row_and_survive_a_new_start() -> None:
    data = advertisement(BASIC_ID)
    at = (500.0, 502.5, 502.0, 3.0, 4.0)
    found, _ = messages(file(*(new_row(data, nanos=round(up_s * 1e9)) for up_s in at)))
    assert [one.received_s - T0 for one in found] == [0.0, 2.5, 2.0, 2.5, 3.5]


def test_a_message_keeps_nothing_behind_the_payload() -> None:
    (found,), _ = messages(file(new_row(advertisement(BASIC_ID))))
    assert found.payload.startswith(b"1,1000000000000,BT5,60:60:1f:0a:0b:0c,2,-70,02 01 06")
    assert b"survey" not in found.payload
    assert android_csv.is_row(found.payload)
    assert found.place == "walk.csv:2"


def spreadsheet(data: bytes, delimiter: bytes) -> bytes:
    """The columns parted otherwise."""
    return b"\n".join(delimiter.join(line.split(b",")) for line in data.split(b"\n"))


@pytest.mark.parametrize(
    "bent",
    [
        lambda data: spreadsheet(data, b";"),
        lambda data: b"sep=;\r\n" + spreadsheet(data, b";").replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + spreadsheet(data, b"\t"),
        lambda data: b"\xff\xfe" + spreadsheet(data, b"\t").decode().encode("utf-16-le"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: b"\xef\xbb\xbfsep=,\n" + data,
    ],
    ids=["semicolons", "sep=", "tabs", "Unicode text", "old Mac", "sep= and a mark"],
)
def test_what_a_spreadsheet_saved_is_read_all_the_same(bent: Callable[[bytes], bytes], tmp_path: Path) -> None:
    later = new_row(b"\x08" + PACK, kind="Beacon", nanos=10**12 + 10**9)
    recorded = file(new_row(b"\x07" + PACK, kind="Beacon"), later)
    assert rows(bent(recorded)).uas_id.tolist() == rows(recorded).uas_id.tolist()
    assert rows(bent(recorded)).received_s.tolist() == rows(recorded).received_s.tolist()
    path = tmp_path / "walk.csv"
    path.write_bytes(bent(recorded))
    (reading,) = recordings.read(path, receiver_time_s=T0)
    assert len(android_csv.decode(reading.messages).detections) == 2


def test_a_time_that_a_spreadsheet_has_rounded_is_refused_alone() -> None:
    good = new_row(b"\x07" + PACK, kind="Beacon")
    got, refused = messages(file(good.replace(str(10**12), "1.2E+14"), good))
    assert (len(got), [one.place for one in refused]) == (1, ["walk.csv:2"])


def test_lines_that_are_no_rows_are_refused_alone() -> None:
    good = new_row(advertisement(BASIC_ID))
    found, rejects = messages(
        file(good, "second half of a text, with 1,2,3", good.replace("02 01", "0x 01"), "1,2", good)
    )
    assert len(found) == 2
    assert [one.place for one in rejects] == ["walk.csv:3", "walk.csv:4", "walk.csv:5"]
    assert {one.reason for one in rejects} == {RejectReason.WRONG_TYPE}
    assert all(one.payload == b"" for one in rejects)


def test_a_file_of_another_kind() -> None:
    _, (reject,) = messages(b"a,b,c\n1,2,3\n")
    assert (reject.place, reject.reason) == ("walk.csv:1", RejectReason.WRONG_TYPE)
    assert not android_csv.is_android_csv(b"a,b,c\n")
    assert not android_csv.is_android_csv(b"payload,timestamp (nanos),rssi\n")
    assert android_csv.is_android_csv(b"\xef\xbb\xbf" + NEW.encode() + b"\r\n")


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"\x02\x01\x06", "BT4", RejectReason.NOT_REMOTE_ID),
        (b"\x07", "Beacon", RejectReason.TRUNCATED),
        (b"\x07" + PACK[:20], "NAN", RejectReason.TRUNCATED),
    ],
)
def test_rows_without_remote_id(data: bytes, kind: str, reason: RejectReason) -> None:
    found = decoded(file(new_row(data, kind=kind)))
    assert [one.reason for one in found.rejects] == [reason]


@given(st.binary(max_size=200))
def test_no_bytes_raise(noise: bytes) -> None:
    found = list(android_csv.rows(NEW.encode() + b"\n" + noise, "walk.csv", T0))
    assert len(found) == sum(bool(line.strip()) for line in noise.split(b"\n"))
    framed = android_csv.frame(noise)
    assert isinstance(framed, Refusal)
