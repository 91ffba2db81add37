"""Values as JSON feeds write them, to values that mean what they say: unknown markers end here.

Every function takes whatever JSON may hold and never raises. What comes again and again (addresses, ids, names) is
remembered, as far as it is short; flags are plain numbers, which Python joins ten times as fast as an enum's members.
The markers are those of Open Drone ID (361 degrees,
255 m/s, 63 m/s, -1000 m, 0/0) and what the feeds put in their place ("Unknown", null, 65531.0).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from airspace.model.detection import Flag, IdType
from airspace.model.identity import is_serial
from airspace.model.placeholders import is_binary_placeholder, is_no_address, is_no_text, is_nothing, is_placeholder
from airspace.model.text import safe_text
from receivers.formats import odid, quantities
from receivers.formats.odid_text import read_operator_id, read_uas_id

NAN: Final = math.nan
MAX_SPEED_M_S: Final = 254.25  # 255 is the marker
MAX_VERTICAL_SPEED_M_S: Final = 62.0  # 63 is the marker
ALTITUDE_M: Final = (-1000.0, 31767.5)  # what the wire can carry; -1000 itself is the marker
WEAKEST_DBM: Final = -150.0
MIN_ACCURACY_M: Final = 0.01
MAX_ACCURACY_M: Final = 50_000.0
FIRST_TIME_S: Final = 1546300800.0  # 2019-01-01: no Remote ID before it, an earlier clock was never set
LAST_TIME_S: Final = 4102444800.0  # 2100-01-01
HOUR_S: Final = 3600.0
MHZ_BELOW: Final = 1e5  # as Hz no drone radio, as MHz 100 GHz: a frequency below this is in MHz
TEXT_CHARACTERS: Final = 64

_MS_FROM: Final = 1e11  # as seconds the year 5138
_INVALID_PLACE: Final = int(Flag.POSITION_INVALID)
_INVALID_TIME: Final = int(Flag.TIME_INVALID)
_TEST_TRANSMITTER: Final = int(Flag.TEST_TRANSMITTER)
_INFINITE: Final = math.inf
_REMEMBERED: Final = 8192  # several texts for each aircraft in reach of a city
_REMEMBERED_CHARACTERS: Final = 64  # no text may fill the memory
_MAX_NUMBER_TEXT: Final = 40
_MINUTES: Final = re.compile(r"\s*(?:([0-9.]+) h )?([0-9]+) min ([0-9.]+) s\s*\Z")  # "9 min 7.0 s" after the hour
WIFI_CHANNELS_HZ: Final[Mapping[Any, float]] = (  # IEEE 802.11 annex E
    {float(channel): 1e6 * (2407 + 5 * channel) for channel in range(1, 14)}
    | {14.0: 2484e6}
    | {float(channel): 1e6 * (5000 + 5 * channel) for channel in range(32, 178)}
)
_ADDRESS: Final = re.compile(r"(?:[0-9A-F]{2}[:-]?){5}[0-9A-F]{2}\Z")
_BINARY_ID_TYPES: Final = (int(IdType.UTM), int(IdType.SESSION))
_NO_TIME: Final = ("", "Unknown")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){2,20}\Z")
_PLACEHOLDER: Final = int(Flag.ID_PLACEHOLDER)

Code = TypeVar("Code", bound=IntEnum)


class Place(NamedTuple):
    """A position, or NaN twice; the flag says that it was off the globe."""

    latitude_deg: float
    longitude_deg: float
    flags: int


class Words(NamedTuple):
    """A text, or None, and what had to be done to it."""

    text: str | None
    flags: int


NOWHERE: Final = Place(NAN, NAN, 0)
_NO_POSITION: Final = (
    odid.NO_POSITION / 1e7,
    float(odid.NO_POSITION),
)  # in degrees, and as a feed passes the raw number on
_NOTHING: Final = Words(None, 0)
_HALF_A_STEP: Final = 5e-8  # of the wire's coordinates, degrees
_OFF_THE_GLOBE: Final = Place(NAN, NAN, _INVALID_PLACE)


def number(value: Any, quantity: str = quantities.ANY) -> float:
    """A finite number, also as text and with a unit of its quantity behind it; NaN for everything else."""
    kind = type(value)  # JSON has no kinds of float or int below these two; a bool is no number
    if kind is float:
        found: float = value
    elif kind is int:
        try:
            found = float(value)
        except OverflowError:
            return NAN
    elif kind is str:
        found = quantities.measured(value, quantity)
    else:
        return NAN
    return found if -_INFINITE < found < _INFINITE else NAN


def within(value: Any, low: float, high: float, quantity: str = quantities.ANY) -> float:
    """A number inside closed limits, NaN outside."""
    found = number(value, quantity)
    return found if low <= found <= high else NAN


def known(value: Any, quantity: str = quantities.ANY) -> float:
    """A number of a feed that writes 0 where it has none: 0 is unknown."""
    return number(value, quantity) or NAN


def altitude_m(value: Any) -> float:
    """An altitude or height in metres that Open Drone ID can carry."""
    found = number(value, quantities.LENGTH_M)
    return found if ALTITUDE_M[0] < found <= ALTITUDE_M[1] else NAN


def speed_m_s(value: Any) -> float:
    """Over the ground."""
    return within(value, 0.0, MAX_SPEED_M_S, quantities.SPEED_M_S)


def vertical_speed_m_s(value: Any) -> float:
    """Up is positive."""
    return within(value, -MAX_VERTICAL_SPEED_M_S, MAX_VERTICAL_SPEED_M_S, quantities.SPEED_M_S)


def angle_deg(value: Any) -> float:
    """A direction in [0, 360); 361 is the marker."""
    return within(value, 0.0, 360.0, quantities.ANGLE_DEG) % 360.0


def accuracy_m(value: Any, *, vertical: bool) -> float:
    """The 95 % bound that a code of the wire stands for, or that a text with a unit says."""
    if isinstance(value, str) and quantities.has_unit(value):
        return within(value, MIN_ACCURACY_M, MAX_ACCURACY_M, quantities.LENGTH_M)
    table = odid.VERTICAL_ACCURACY_M if vertical else odid.HORIZONTAL_ACCURACY_M
    found = number(value)
    return table[int(found)] if 0 <= found < len(table) else NAN


def rssi_dbm(value: Any) -> float:
    """Received level. 0 is what several feeds write for none; above it stands a linear power, or no unit at all."""
    found = number(value, quantities.LEVEL_DBM)
    return found if WEAKEST_DBM <= found < 0 else NAN


def frequency_hz(value: Any) -> float:
    """Hz, or MHz where it can be nothing else."""
    found = number(value, quantities.FREQUENCY_HZ)
    if not found > 0:
        return NAN
    return found * 1e6 if found < MHZ_BELOW else found


def place(latitude: Any, longitude: Any) -> Place:
    """Degrees; 0/0 is unknown, one 0 alone is real: the meridian runs through Greenwich and Bordeaux.

    What stands for no fix on the wire (``odid.NO_POSITION``) is unknown in either coordinate, and a filler (90/180,
    1e-7/1e-7) is unknown and marked.
    """
    lat_deg, lon_deg = number(latitude, quantities.LATITUDE_DEG), number(longitude, quantities.LONGITUDE_DEG)
    if -90.0 <= lat_deg <= 90.0 and -180.0 <= lon_deg <= 180.0:  # noqa: PLR2004 - the globe
        if lat_deg == lon_deg == 0:
            return NOWHERE
        return _OFF_THE_GLOBE if odid.is_filler(lat_deg, lon_deg) else Place(lat_deg, lon_deg, 0)
    off = [one for one, limit in ((lat_deg, 90.0), (lon_deg, 180.0)) if abs(one) > limit and not is_no_position(one)]
    return _OFF_THE_GLOBE if off and not math.isnan(lat_deg + lon_deg) else NOWHERE


def is_no_position(value: float) -> bool:
    """Whether a coordinate in degrees is the wire's marker for none, scaled or raw."""
    return any(abs(value - marker) < _HALF_A_STEP for marker in _NO_POSITION)


def person_place(latitude: Any, longitude: Any) -> Place:
    """Where someone is, by a feed that writes 0 for what it does not know: with one coordinate of 0, nowhere."""
    has_zero = quantities.unless_zero(latitude) is None or quantities.unless_zero(longitude) is None
    return NOWHERE if has_zero else operator_place(latitude, longitude)


def operator_place(latitude: Any, longitude: Any) -> Place:
    """The same for an operator; transmitters under test stand at one known place."""
    found = place(latitude, longitude)
    is_test = (found.latitude_deg * 1e7, found.longitude_deg * 1e7) == odid.TEST_POSITION_E7
    return found._replace(flags=_TEST_TRANSMITTER) if is_test else found


def wifi_channel_hz(channel: Any) -> float:
    """By the number of the channel."""
    return WIFI_CHANNELS_HZ.get(number(channel), NAN)


def clock_s(value: Any) -> float:
    """Epoch seconds of a sensor's clock, from seconds, milliseconds or ISO 8601 (UTC unless it says otherwise)."""
    if isinstance(value, str) and "-" in value:
        found = _iso_s(value)
    else:
        found = number(value)
        found = found / 1000.0 if found > _MS_FROM else found
    return found if FIRST_TIME_S <= found <= LAST_TIME_S else NAN


def message_time(value: Any, received_s: float) -> tuple[float, int]:
    """When a message says that it was: a clock, or seconds after the full UTC hour closest to the receive time."""
    after_hour_s = _after_hour_s(value)
    if math.isnan(after_hour_s):
        found = clock_s(value)
        absent = value is None or value != value or value in _NO_TIME  # noqa: PLR0124 - NaN
        return found, _INVALID_TIME if math.isnan(found) and not absent else 0
    return fold_hour(after_hour_s, received_s), 0


def fold_hour(after_hour_s: float, received_s: float) -> float:
    """The time in the hour that brings it closest to the receive time."""
    if not math.isfinite(received_s):
        return NAN
    return round((received_s - after_hour_s) / HOUR_S) * HOUR_S + after_hour_s


def text(value: Any, cap: int = TEXT_CHARACTERS) -> Words:
    """A text that is safe to keep."""
    if not isinstance(value, str):
        return _NOTHING
    return _text(value, cap) if len(value) <= _REMEMBERED_CHARACTERS else _text.__wrapped__(value, cap)


@lru_cache(maxsize=_REMEMBERED)
def _text(value: str, cap: int) -> Words:
    kept = safe_text(value, cap)
    return Words(kept, 0 if " ".join(value.split()) == (kept or "") else int(Flag.TEXT_CLEANED))


def self_id(value: Any) -> Words:
    """What the pilot says of the flight; None for a sender's filler."""
    found = text(value)
    return _NOTHING if found.text is None or is_no_text(found.text) else found


def name(value: Any) -> str | None:
    """What something is called (a sensor, an emitter); None for a word that stands for no name."""
    found = text(value).text
    return None if found is None or is_nothing(found) else found


def address(value: Any) -> str | None:
    """A MAC address, upper case with colons; None for zeros, for ones, and for anything else."""
    if not isinstance(value, str) or not value:
        return None
    return _address(value) if len(value) <= _REMEMBERED_CHARACTERS else _address.__wrapped__(value)


@lru_cache(maxsize=_REMEMBERED)
def _address(value: str) -> str | None:
    found = value.split(maxsplit=1)[0].upper() if value.strip() else ""
    if not _ADDRESS.match(found):
        return None
    digits = found.replace(":", "").replace("-", "")
    joined = ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    return None if is_no_address(joined) else joined


def is_written_address(value: Any) -> bool:
    """Whether a text is a MAC address by its colons or hyphens: no id has that form."""
    return isinstance(value, str) and not value.isalnum() and address(value) is not None


def uas_id(id_type: IdType, value: Any) -> Words:
    """An id of a known type; binary ids come as hex or UUID. None for a placeholder and for a MAC address."""
    if not isinstance(value, str):
        return _NOTHING
    read = _uas_id if len(value) <= _REMEMBERED_CHARACTERS else _uas_id.__wrapped__
    return read(int(id_type), value)


@lru_cache(maxsize=_REMEMBERED)
def _uas_id(id_type: int, value: str) -> Words:
    if is_written_address(value):
        return _NOTHING
    if id_type in _BINARY_ID_TYPES:
        return _binary_id(value)
    return Words(*read_uas_id(id_type, value.strip().encode("utf-8", "ignore")))


def _binary_id(value: str) -> Words:
    plain = value.strip().strip("\0").replace("-", "")
    if not _HEX.match(plain):
        found = text(value, 40)
        is_nobody = found.text is not None and is_placeholder(found.text)
        return Words(None, _PLACEHOLDER) if is_nobody else found
    is_nobody = is_binary_placeholder(bytes.fromhex(plain)) or is_placeholder(plain)
    return Words(None, _PLACEHOLDER) if is_nobody else Words(plain.lower(), 0)


def untyped_id(value: Any) -> tuple[IdType, Words]:
    """An id of a feed that does not say of which type: a serial if it has the form of one."""
    if not isinstance(value, str):
        return IdType.UNKNOWN, _NOTHING
    return _untyped_id(value) if len(value) <= _REMEMBERED_CHARACTERS else _untyped_id.__wrapped__(value)


@lru_cache(maxsize=_REMEMBERED)
def _untyped_id(value: str) -> tuple[IdType, Words]:
    id_type = IdType.SERIAL if is_serial(value.strip("\0 ")) else IdType.UNKNOWN
    words = uas_id(id_type, value)
    return (id_type if words.text is not None else IdType.UNKNOWN), words


def operator_id(value: Any) -> Words:
    """The public part; the secret characters end here."""
    if not isinstance(value, str):
        return _NOTHING
    return Words(*read_operator_id(value.encode("utf-8", "ignore")))


def code(codes: type[Code], value: Any, names: dict[str, Code] | None = None) -> Code:
    """A code by its number or by the name a feed gives it; 0 is unknown and for all that is reserved."""
    return wire_code(codes, value, names, add=0)


def wire_code(codes: type[Code], value: Any, names: dict[str, Code] | None = None, *, add: int = 1) -> Code:
    """The same where the wire counts from 0 what has no unknown there: its number and ``add`` is ours."""
    by_number: dict[float, Code] = _by_number(codes)
    if names and isinstance(value, str):
        named = names.get(value.strip().lower())
        if named is not None:
            return named
    return by_number.get(number(value) + add, by_number[0])


@cache
def _by_number(codes: type[IntEnum]) -> dict[float, Any]:
    return {float(one): one for one in codes}


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
