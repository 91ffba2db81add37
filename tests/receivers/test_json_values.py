"""Values out of JSON: markers become unknown, everything else is what it says, and nothing raises."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.detection import Flag, IdType
from receivers.formats import json_values as values

T0 = 1_767_218_056.0  # 2025-12-31T21:54:16Z


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (5, 5.0),
        ("1650.0 m", 1650.0),
        ("0.25", 0.25),
        ("-1e2", -100.0),
        ("12.5 m/s", 12.5),
        ("5 apples", None),
        ("1.2.3", None),
        ("nan", None),
        ("1_0", None),
        ("Undefined", None),
        ("9" * 60, None),
        (True, None),
        (None, None),
        ([5], None),
        (10**400, None),
        (math.inf, None),
        (math.nan, None),
    ],
)
def test_numbers(said: Any, number: float | None) -> None:
    found = values.number(said)
    assert math.isnan(found) if number is None else found == number


@pytest.mark.parametrize(
    ("read", "marker", "greatest"),
    [
        (values.altitude_m, -1000.0, 31767.5),
        (values.altitude_m, 65531.0, -999.5),
        (values.speed_m_s, 255.0, 254.25),
        (values.vertical_speed_m_s, 63.0, 62.0),
        (values.vertical_speed_m_s, -63.0, -62.0),
        (values.angle_deg, 361.0, 359.9),
        (values.rssi_dbm, 0, -1),
        (values.known, 0, 0.5),
    ],
)
def test_markers(read: Any, marker: float, greatest: float) -> None:
    assert math.isnan(read(marker))
    assert read(greatest) == greatest


@pytest.mark.parametrize(
    ("said", "time_s", "flags"),
    [
        (3255.2, T0 - 0.8, 0),  # seconds after the hour
        ("54 min 15.2 s", T0 - 0.8, 0),
        ("0 h 54 min 15.2 s", T0 - 0.8, 0),
        (3599.9, T0 + 343.9, 0),
        (0, T0 + 344, 0),  # the next hour is closer
        (T0, T0, 0),
        (T0 * 1000, T0, 0),
        ("2025-12-31T21:54:16Z", T0, 0),
        ("2025-12-31T22:54:16+01:00", T0, 0),
        ("2025-12-31T21:54:16", T0, 0),
        (None, None, 0),
        ("", None, 0),
        ("Unknown", None, 0),
        (36000, None, Flag.TIME_INVALID),
        ("later", None, Flag.TIME_INVALID),
        ("2025-13-31T21:54:16", None, Flag.TIME_INVALID),
    ],
)
def test_times(said: Any, time_s: float | None, flags: int) -> None:
    found, flag = values.message_time(said, T0)
    assert flag == flags
    assert math.isnan(found) if time_s is None else found == pytest.approx(time_s, abs=1e-3)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("aa:bb:cc:dd:ee:0f", "AA:BB:CC:DD:EE:0F"),
        ("AABBCCDDEE0F", "AA:BB:CC:DD:EE:0F"),
        ("AA:BB:CC:DD:EE:FF 12:34:56:78:90:AB", "AA:BB:CC:DD:EE:FF"),
        ("00:00:00:00:00:00", None),
        ("AA:BB", None),
        (" ", None),
        (7, None),
    ],
)
def test_addresses(said: Any, address: str | None) -> None:
    assert values.address(said) == address


def test_binary_ids_are_hex() -> None:
    assert values.uas_id(IdType.UTM, "01234567-89AB-CDEF-0123-456789ABCDEF").text == "0123456789abcdef0123456789abcdef"
    assert values.uas_id(IdType.SERIAL, "<b>\u202ex\0").flags & Flag.TEXT_CLEANED


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(json, json)
def test_nothing_raises_and_what_is_known_is_finite(one: Any, other: Any) -> None:
    readers = (
        *(values.number, values.altitude_m, values.speed_m_s, values.angle_deg, values.rssi_dbm, values.frequency_hz),
        *(values.clock_s, values.wifi_channel_hz, values.known, values.vertical_speed_m_s),
    )
    assert not any(math.isinf(read(one)) for read in readers)
    found = values.place(one, other)
    assert math.isnan(found.latitude_deg) == math.isnan(found.longitude_deg)
    assert not math.isinf(values.message_time(one, T0)[0])
    for id_type in IdType:
        values.uas_id(id_type, one)
    values.operator_id(one)
    values.address(one)
    values.text(one)
    assert values.code(IdType, one, {"x": IdType.CAA}) in IdType
