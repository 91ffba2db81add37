"""What a message says: the columns that a decoder reads out of it.

Values are rounded as the wire rounds them (ASTM F3411: 1e-7 degrees, half metres, quarter metres a second, whole
degrees, tenths of a second), so that encoding and decoding changes none. A position is that of a fix some tenths of a
second before the message, with an error that holds what the message states of its accuracy.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Bits, HeightReference, IdType, Numbers, OperatorLocation, Status
from airspace.simulation.fleet import Fleet
from airspace.simulation.frame import Frame, on_wire
from airspace.simulation.messages import RADIOS, Message, Messages
from airspace.simulation.paths import Paths
from airspace.simulation.settings import GROUND_WGS84_M, Settings

VERSION: Final = 2.0  # F3411-22a
CIRCLE_95: Final = 2.4477  # radius that holds 95 % of two independent normal errors of sigma 1
WIFI_HZ: Final = 2_437e6  # channel 6
VERTICAL_ACCURACY_M: Final = 10.0
_VERTICAL_SIGMA_M: Final = 3.0
_HEIGHT_SIGMA_M: Final = 0.5
_SPEED_SIGMA_M_S: Final = 0.2
_FIX_AGE_S: Final = (0.05, 0.5)  # from the fix to its message
_SLOW_M_S: Final = 0.5  # below this a drone gives no direction
_PRESSURE_M: Final = -30.0  # a weather of 1016.6 hPa: pressure altitude less height over the ellipsoid
_TENTHS: Final = 10
_NOTHING: Final = np.array(None)

Columns = dict[str, npt.NDArray[Any]]


def contents(
    messages: Messages, fleet: Fleet, paths: Paths, frame: Frame, settings: Settings, rng: np.random.Generator
) -> tuple[Columns, Bits]:
    """The columns, and the message time in tenths of a second since 1970 (0: the message has none)."""
    fixes = _fix_tenths(messages, fleet, settings, rng)
    errors = rng.normal(0.0, 1.0, (6, len(fleet), settings.length_s + 1))
    columns = _location(messages, fleet, paths, frame, fixes / _TENTHS, errors)
    columns |= _identity(messages, fleet) | _operator(messages, fleet, frame)
    columns["counter"] = messages.counter.astype(np.float64)
    columns["transport"] = np.array([radio.transport for radio in RADIOS], dtype=np.int8)[messages.radio]
    columns["frequency_hz"] = np.array([WIFI_HZ if radio.channel else np.nan for radio in RADIOS])[messages.radio]
    columns["protocol_version"] = np.full(len(messages), VERSION)
    return columns, _said_tenths(messages, fleet, settings, fixes)


def _fix_tenths(messages: Messages, fleet: Fleet, settings: Settings, rng: np.random.Generator) -> Bits:
    """When the position was measured, in tenths of a second of the scene. Fixes of one second are of one age."""
    age_s = rng.uniform(*_FIX_AGE_S, (len(fleet), settings.length_s + 1))
    second = messages.made_s.astype(np.intp)
    taken_s = messages.made_s - age_s[messages.aircraft, second]
    tenths: Bits = np.floor(np.maximum(0.0, taken_s) * _TENTHS).astype(np.int64)
    return tenths


def _said_tenths(messages: Messages, fleet: Fleet, settings: Settings, fixes: Bits) -> Bits:
    first = np.ceil(fleet.on_s * _TENTHS).astype(np.int64)
    shown = np.where(fleet.frozen[messages.aircraft], first[messages.aircraft], fixes)
    said = round(settings.start_s) * _TENTHS + shown - fleet.behind_tenths[messages.aircraft]
    return np.where(messages.locates, said, 0)


def _location(messages: Messages, fleet: Fleet, paths: Paths, frame: Frame, fix_s: Numbers, errors: Numbers) -> Columns:
    aircraft, locates, flies = messages.aircraft, messages.locates, messages.flies
    east_m, north_m, height_m = paths.at(aircraft, fix_s)
    east_m_s, north_m_s, up_m_s = paths.velocity(aircraft, fix_s)
    second = fix_s.astype(np.intp)  # all fixes of one second have the same errors: they come out of one receiver
    off_east, off_north, off_height, off_altitude, off_speed, off_up = errors[:, aircraft, second]
    sigma_m = fleet.accuracy_m[aircraft] / CIRCLE_95
    latitude_deg, longitude_deg = frame.degrees(east_m + sigma_m * off_east, north_m + sigma_m * off_north)
    true_speed_m_s = np.hypot(east_m_s, north_m_s)
    speed_m_s = np.abs(true_speed_m_s + np.where(flies, _SPEED_SIGMA_M_S * off_speed, 0.0))
    track_deg = np.rint(np.degrees(np.arctan2(east_m_s, north_m_s))) % 360.0
    altitude_m = GROUND_WGS84_M + height_m + _VERTICAL_SIGMA_M * off_altitude
    up_m_s = up_m_s + np.where(flies, _SPEED_SIGMA_M_S * off_up, 0.0)
    numbers = {
        "latitude_deg": on_wire(latitude_deg),
        "longitude_deg": on_wire(longitude_deg),
        "altitude_wgs84_m": _halves(altitude_m),
        "altitude_pressure_m": _halves(altitude_m + _PRESSURE_M),
        "height_m": _halves(height_m + np.where(flies, _HEIGHT_SIGMA_M * off_height, 0.0)),
        "speed_m_s": np.rint(speed_m_s * 4.0) / 4.0,
        "track_deg": np.where(true_speed_m_s > _SLOW_M_S, track_deg, np.nan),
        "vertical_speed_m_s": _halves(up_m_s),
        "horizontal_accuracy_m": fleet.accuracy_m[aircraft],
        "vertical_accuracy_m": np.full(len(aircraft), VERTICAL_ACCURACY_M),
    }
    columns: Columns = {name: np.where(locates, values, np.nan) for name, values in numbers.items()}
    status = np.where(flies, int(Status.AIRBORNE), int(Status.GROUND))
    columns["status"] = np.where(locates, status, 0).astype(np.int8)
    columns["height_reference"] = np.where(locates, int(HeightReference.TAKEOFF), 0).astype(np.int8)
    return columns


def _identity(messages: Messages, fleet: Fleet) -> Columns:
    pack = messages.message == Message.PACK
    named = pack | (messages.message == Message.BASIC_ID)
    session = fleet.session_id[messages.aircraft]
    has_session = pack & (session != _NOTHING)
    operator = pack | (messages.message == Message.OPERATOR_ID)
    return {
        "uas_id": np.where(named, fleet.uas_id[messages.aircraft], _NOTHING),
        "uas_id_type": np.where(named, int(IdType.SERIAL), 0).astype(np.int8),
        "alias_id": np.where(has_session, session, _NOTHING),
        "alias_id_type": np.where(has_session, int(IdType.SESSION), 0).astype(np.int8),
        "ua_type": np.where(named, fleet.ua_type[messages.aircraft], 0).astype(np.int8),
        "operator_id": np.where(operator, fleet.operator_id[messages.aircraft], _NOTHING),
    }


def _operator(messages: Messages, fleet: Fleet, frame: Frame) -> Columns:
    aircraft = messages.aircraft
    placed = (messages.message == Message.PACK) | (messages.message == Message.SYSTEM)
    latitude_deg, longitude_deg = frame.degrees(fleet.operator_east_m, fleet.operator_north_m)
    live = np.where(fleet.operator_live, int(OperatorLocation.LIVE), int(OperatorLocation.TAKEOFF))
    columns: Columns = {
        "operator_latitude_deg": np.where(placed, on_wire(latitude_deg)[aircraft], np.nan),
        "operator_longitude_deg": np.where(placed, on_wire(longitude_deg)[aircraft], np.nan),
        "operator_altitude_wgs84_m": np.where(placed, GROUND_WGS84_M, np.nan),
    }
    codes = {"operator_location_type": live, "eu_category": fleet.eu_category, "eu_class": fleet.eu_class}
    return columns | {name: np.where(placed, code[aircraft], 0).astype(np.int8) for name, code in codes.items()}


def _halves(value: Numbers) -> Numbers:
    return np.rint(value * 2.0) / 2.0
