"""Values as JSON feeds write them, to values that mean what they say: unknown markers end here.

Every function takes whatever JSON may hold and never raises. The markers are those of Open Drone ID (361 degrees,
255 m/s, 63 m/s, -1000 m, 0/0) and what the feeds put in their place ("Unknown", null, 65531.0).
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final, NamedTuple, TypeVar

from airspace.model.detection import Flag, IdType
from airspace.model.identity import is_serial
from airspace.model.text import safe_text
from receivers.formats import odid
from receivers.formats.odid_text import read_operator_id, read_uas_id

NAN: Final = math.nan
MAX_SPEED_M_S: Final = 254.25  # 255 is the marker
MAX_VERTICAL_SPEED_M_S: Final = 62.0  # 63 is the marker
ALTITUDE_M: Final = (-1000.0, 31767.5)  # what the wire can carry; -1000 itself is the marker
RSSI_DBM: Final = (-150.0, 50.0)  # what a receiver can mean
FIRST_TIME_S: Final = 1546300800.0  # 2019-01-01: no Remote ID before it, an earlier clock was never set
LAST_TIME_S: Final = 4102444800.0  # 2100-01-01
HOUR_S: Final = 3600.0
MHZ_BELOW: Final = 1e5  # as Hz no drone radio, as MHz 100 GHz: a frequency below this is in MHz
TEXT_CHARACTERS: Final = 64

_MS_FROM: Final = 1e11  # as seconds the year 5138
_BOTH_KINDS_OF_NUMBER: Final = (int, float)
_UNIT: Final = r"(?:\s*(?:m|m/s|s|deg|Hz|MHz|dBm))?"
_NUMBER: Final = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?)" + _UNIT + r"\s*\Z")
_MAX_NUMBER_TEXT: Final = 40
_MINUTES: Final = re.compile(r"\s*(?:([0-9.]+) h )?([0-9]+) min ([0-9.]+) s\s*\Z")  # "9 min 7.0 s" after the hour
_CHANNELS_HZ: Final = (
    {float(channel): 1e6 * (2407 + 5 * channel) for channel in range(1, 14)}
    | {14.0: 2484e6}
    | {float(channel): 1e6 * (5000 + 5 * channel) for channel in range(32, 178)}
)
_NO_ADDRESS: Final = "00:00:00:00:00:00"
_ADDRESS: Final = re.compile(r"(?:[0-9A-F]{2}[:-]?){5}[0-9A-F]{2}\Z")
_NO_TIME: Final = ("", "Unknown")
_HEX: Final = re.compile(r"[0-9a-fA-F]{8,40}\Z")

Code = TypeVar("Code", bound=IntEnum)


class Place(NamedTuple):
    """A position, or NaN twice; the flag says that it was off the globe."""

    latitude_deg: float
    longitude_deg: float
    flags: Flag


class Words(NamedTuple):
    """A text, or None, and what had to be done to it."""

    text: str | None
    flags: int


NOWHERE: Final = Place(NAN, NAN, Flag(0))


def number(value: Any) -> float:
    """A finite number, also as text and with a unit behind it; NaN for everything else."""
    if isinstance(value, str) and len(value) <= _MAX_NUMBER_TEXT:
        match = _NUMBER.match(value)
        value = float(match[1]) if match else None
    if not isinstance(value, _BOTH_KINDS_OF_NUMBER) or isinstance(value, bool):
        return NAN
    try:
        found = float(value)
    except OverflowError:
        return NAN
    return found if math.isfinite(found) else NAN


def within(value: Any, low: float, high: float) -> float:
    """A number inside closed limits, NaN outside."""
    found = number(value)
    return found if low <= found <= high else NAN


def known(value: Any) -> float:
    """A number of a feed that writes 0 where it has none: 0 is unknown."""
    return number(value) or NAN


def altitude_m(value: Any) -> float:
    """An altitude or height in metres that Open Drone ID can carry."""
    found = number(value)
    return found if ALTITUDE_M[0] < found <= ALTITUDE_M[1] else NAN


def speed_m_s(value: Any) -> float:
    """Over the ground."""
    return within(value, 0.0, MAX_SPEED_M_S)


def vertical_speed_m_s(value: Any) -> float:
    """Up is positive."""
    return within(value, -MAX_VERTICAL_SPEED_M_S, MAX_VERTICAL_SPEED_M_S)


def angle_deg(value: Any) -> float:
    """A direction in [0, 360); 361 is the marker."""
    return within(value, 0.0, 360.0) % 360.0


def accuracy_m(value: Any, *, vertical: bool) -> float:
    """The 95 % bound that a code of the wire stands for."""
    table = odid.VERTICAL_ACCURACY_M if vertical else odid.HORIZONTAL_ACCURACY_M
    found = number(value)
    return table[int(found)] if 0 <= found < len(table) else NAN


def rssi_dbm(value: Any) -> float:
    """Received level; 0 is what several feeds write for none."""
    return within(known(value), *RSSI_DBM)


def frequency_hz(value: Any) -> float:
    """Hz, or MHz where it can be nothing else."""
    found = number(value)
    if not found > 0:
        return NAN
    return found * 1e6 if found < MHZ_BELOW else found


def place(latitude: Any, longitude: Any) -> Place:
    """Degrees; 0/0 is unknown, one 0 alone is real: the meridian runs through Greenwich and Bordeaux."""
    lat_deg, lon_deg = number(latitude), number(longitude)
    if math.isnan(lat_deg) or math.isnan(lon_deg) or lat_deg == lon_deg == 0:
        return NOWHERE
    if abs(lat_deg) > 90 or abs(lon_deg) > 180:  # noqa: PLR2004 - the globe
        return Place(NAN, NAN, Flag.POSITION_INVALID)
    return Place(lat_deg, lon_deg, Flag(0))


def operator_place(latitude: Any, longitude: Any) -> Place:
    """The same for an operator; transmitters under test stand at one known place."""
    found = place(latitude, longitude)
    is_test = (found.latitude_deg * 1e7, found.longitude_deg * 1e7) == odid.TEST_POSITION_E7
    return found._replace(flags=Flag.TEST_TRANSMITTER) if is_test else found


def wifi_channel_hz(channel: Any) -> float:
    """By the number of the channel, IEEE 802.11 annex E."""
    return _CHANNELS_HZ.get(number(channel), NAN)


def clock_s(value: Any) -> float:
    """Epoch seconds of a sensor's clock, from seconds, milliseconds or ISO 8601 (UTC unless it says otherwise)."""
    if isinstance(value, str) and "-" in value:
        found = _iso_s(value)
    else:
        found = number(value)
        found = found / 1000.0 if found > _MS_FROM else found
    return found if FIRST_TIME_S <= found <= LAST_TIME_S else NAN


def message_time(value: Any, received_s: float) -> tuple[float, Flag]:
    """When a message says that it was: a clock, or seconds after the full UTC hour closest to the receive time."""
    after_hour_s = _after_hour_s(value)
    if math.isnan(after_hour_s):
        found = clock_s(value)
        absent = value is None or value != value or value in _NO_TIME  # noqa: PLR0124 - NaN
        return found, Flag.TIME_INVALID if math.isnan(found) and not absent else Flag(0)
    return fold_hour(after_hour_s, received_s), Flag(0)


def fold_hour(after_hour_s: float, received_s: float) -> float:
    """The time in the hour that brings it closest to the receive time."""
    if not math.isfinite(received_s):
        return NAN
    return round((received_s - after_hour_s) / HOUR_S) * HOUR_S + after_hour_s


def text(value: Any, cap: int = TEXT_CHARACTERS) -> Words:
    """A text that is safe to keep."""
    if not isinstance(value, str):
        return Words(None, 0)
    kept = safe_text(value, cap)
    return Words(kept, 0 if " ".join(value.split()) == (kept or "") else int(Flag.TEXT_CLEANED))


def address(value: Any) -> str | None:
    """A MAC address, upper case with colons; None for zeros and for anything else."""
    if not isinstance(value, str) or not value:
        return None
    found = value.split()[0].upper() if value.strip() else ""
    if not _ADDRESS.match(found):
        return None
    digits = found.replace(":", "").replace("-", "")
    joined = ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    return None if joined == _NO_ADDRESS else joined


def uas_id(id_type: IdType, value: Any) -> Words:
    """An id of a known type; binary ids come as hex or UUID."""
    if not isinstance(value, str):
        return Words(None, 0)
    if id_type in {IdType.UTM, IdType.SESSION}:
        plain = value.strip().strip("\0").replace("-", "")
        return Words(plain.lower(), 0) if _HEX.match(plain) else text(value, 40)
    return Words(*read_uas_id(int(id_type), value.strip().encode("utf-8", "ignore")))


def untyped_id(value: Any) -> tuple[IdType, Words]:
    """An id of a feed that does not say of which type: a serial if it has the form of one."""
    id_type = IdType.SERIAL if isinstance(value, str) and is_serial(value.strip("\0 ")) else IdType.UNKNOWN
    return id_type, uas_id(id_type, value)


def operator_id(value: Any) -> Words:
    """The public part; the secret characters end here."""
    if not isinstance(value, str):
        return Words(None, 0)
    return Words(*read_operator_id(value.encode("utf-8", "ignore")))


def code(codes: type[Code], value: Any, names: dict[str, Code] | None = None) -> Code:
    """A code by its number or by the name a feed gives it; 0 is unknown and for all that is reserved."""
    if names and isinstance(value, str):
        return names.get(value.strip().lower(), codes(0))
    found = number(value)
    whole = int(found) if found == found // 1 else 0
    return codes(whole) if whole in {int(one) for one in codes} else codes(0)


def _after_hour_s(value: Any) -> float:
    if isinstance(value, str):
        match = _MINUTES.match(value[:_MAX_NUMBER_TEXT])
        if match:
            parts = [number(part or 0) for part in match.groups()]
            return within(parts[0] * HOUR_S + parts[1] * 60 + parts[2], 0.0, HOUR_S)
    return within(value, 0.0, HOUR_S)


def _iso_s(value: str) -> float:
    try:
        moment = datetime.fromisoformat(value.strip()[:_MAX_NUMBER_TEXT])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return NAN
