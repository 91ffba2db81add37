"""What stands where a name should and names nobody: the one list, for every format.

A feed that has no id writes a word ("NONE", "unknown", "N/A"), one sign over and over ("0000000000", "FFFF"), a count
("1234567890") or what kind of thing it is ("drone", "Serial Number"). Taken as an identity it makes one aircraft of all
that send it: such an id is unknown, and its row is marked. A **doubtful** id says something and tells nobody apart (a
session of three bytes, the factory setting of a public transmitter): it is kept, and keys nothing.

Sources: ``strlen(uav_id) ? uav_id : "NONE"`` and ``"UAV <mac> operational"`` in the ESP32 scanners for DragonSync;
``get("id", "unknown")`` in DragonSync; "None/Not declared", "Undefined" in DroneID; 02:00:00:00:00:00, which Android
gives in place of a hardware address; a 24-bit address of zeros in dump1090.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from airspace.model.detection import IdType

MIN_ID_CHARACTERS: Final = 4  # letters and digits; the shortest registration marks have four
MIN_ID_BYTES: Final = 5  # of a binary id, trailing zeros aside: its sub-type and 32 bits

_NOTHING: Final = (
    *("none", "no", "null", "nil", "nan", "na", "void", "empty", "blank", "missing", "invalid", "error", "false"),
    *("unknown", "unkown", "unknow", "unk", "undef", "undefined", "undeclared", "undetermined", "unidentified"),
    *("notset", "unset", "notavailable", "unavailable", "notapplicable", "notdeclared", "nonenotdeclared", "notfound"),
    *("notknown", "notgiven", "nonegiven", "noname", "unnamed", "anonymous", "noid", "nouasid", "nodroneid", "nosn"),
    *("noserial", "noserialnumber", "nodata", "novalue", "reserved", "redacted", "hidden", "withheld", "private"),
    *("tbd", "tba", "todo", "placeholder", "changeme", "yourserialhere", "objectobject", "not"),
    *("onbekend", "onbekende", "geen", "leeg", "niets", "niet", "nvt", "ongeldig", "onbepaald", "zonder", "afwezig"),
    *("nietbeschikbaar", "nietingesteld", "nietgevonden", "nietbekend", "ontbreekt", "geenid", "geennaam"),  # Dutch
    *("unbekannt", "unbekannte", "unbekannter", "kein", "keine", "keiner", "leer", "nichts", "ungultig", "ungueltig"),
    *("unbestimmt", "ohne", "nichtverfugbar", "nichtverfuegbar", "nichtgesetzt", "nichtvorhanden", "keineangabe"),
    *("keineangaben", "fehlt", "unbenannt", "nichtbekannt", "nichtgefunden"),  # German
    *("inconnu", "inconnue", "aucun", "aucune", "vide", "sans", "neant", "rien", "indefini", "nondefini", "invalide"),
    *("nondisponible", "indisponible", "nonrenseigne", "absent", "manquant", "sansnom", "nonconnu"),  # French
    *("desconocido", "desconocida", "ninguno", "vacio", "sconosciuto", "nessuno", "senza", "vuoto"),  # and others
    *("desconhecido", "nenhum", "ukjent", "ukendt", "okand", "ingen", "nieznany", "brak", "tuntematon"),
)
_SAMPLES: Final = (
    *("default", "string", "text", "example", "sample", "test", "testing", "demo", "simulated", "simulator"),
    *("simulation",),
)
_KINDS: Final = (  # names of types, and of fields in the place of the thing itself
    *("drone", "drones", "uav", "uas", "ua", "rpa", "rpas", "suas", "aircraft", "quad", "quadcopter", "copter"),
    *("multirotor", "multicopter", "helicopter", "helicopterormultirotor", "helicoptermultirotor", "aeroplane"),
    *("airplane", "fixedwing", "gyroplane", "hybridlift", "ornithopter", "glider", "kite", "freeballoon", "rocket"),
    *("captiveballoon", "airship", "groundobstacle", "other", "othertype", "droneid", "remoteid", "dronealert"),
    *("id", "rid", "uasid", "uavid", "sn", "serial", "serialno", "serialnumber", "serialnumberansicta2063a", "alert"),
    *("caa", "caaid", "caaassigned", "caaassignedregistrationid", "registration", "registrationid", "utm", "uuid"),
    *("utmassigned", "utmassigneduuid", "session", "sessionid", "specificsessionid", "operator", "operatorid", "mac"),
    *("opendroneid", "odid", "ble", "wifi", "drohne", "aeronef", "toestel", "vliegtuig", "serienummer"),
    *("seriennummer", "numero", "nummer", "number", "kenmerk", "kennung", "name", "naam", "nom"),
)
_MAKERS: Final = frozenset({"dji", "parrot", "autel", "skydio", "yuneec", "hubsan", "fimi", "potensic", "robotics"})
_MODELS: Final = frozenset(
    {
        *("mavic", "mini", "air", "phantom", "inspire", "matrice", "spark", "avata", "neo", "flip", "fpv", "tello"),
        *("agras", "flycart", "anafi", "bebop", "disco", "evo", "zino", "typhoon", "atom", "dragonfish"),
    }
)
_OF_A_MODEL: Final = frozenset(  # what stands behind a model's name; single letters and up to three digits beside these
    {"pro", "se", "zoom", "cine", "classic", "enterprise", "thermal", "advanced", "rtk", "combo", "plus", "fly", "more"}
    | {"nano", "lite", "max", "dual", "ai", "usa", "ii", "iii", "iv", "series", "standard", "platinum"}
)
_MODEL_DIGITS: Final = 3
_NUMBERED_MODEL: Final = re.compile(r"(?:dji)?(?:m|t)\d{2,3}(?:rtk|t|e|d|v2|pro)?\Z")  # Matrice 300, Agras T30
_EMPTY: Final = frozenset(_NOTHING)
_WORDS: Final = frozenset((*_NOTHING, *_SAMPLES, *_KINDS))
_BEGINNINGS: Final = (
    "unknown",
    "undefined",
    "notset",
    "onbekend",
    "unbekannt",
    "inconnu",
)  # "Unknown-BasicID_0" is what dronecot makes of no id
_COUNTS: Final = ("01234567890" * 3, "0123456789abcdef", "1234567890abcdef", "abcdefghijklmnopqrstuvwxyz")
_FACTORY_SETTINGS: Final = frozenset(  # of public transmitters: whoever flashes one has the same id as the next
    {
        "112624150a90e3ae1ec0",  # transmitter-linux of Open Drone ID
        "fd3454b778e565c24b70",  # its session id, which is text where bytes belong
        b"FD3454B778E565C24B70".hex(),
        "mfg1a0123456789",  # uav_electronic_ids
        "mfr1c123456789abc",
        "dummy1234567890",
        *("parrot", "autel", "skydio", "yuneec"),  # the maker's name, by add-ons and test messages of DroneID
    }
)
_PREFIXES: Final = frozenset(_KINDS)
_PART: Final = re.compile(r"[^\W\d_]+|\d+")
_ACCENTS: Final = dict.fromkeys(map(ord, "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327"))
_BINARY_ID_TYPES: Final = (int(IdType.UTM), int(IdType.SESSION))
_HEX: Final = re.compile(r"[0-9a-f]+\Z")
_FILLERS: Final = re.compile(r"(?:UAV|UAS|drone) \S{1,40} operational\.?\Z", re.IGNORECASE)
_NO_ADDRESSES: Final = frozenset({"00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF", "02:00:00:00:00:00"})
_NO_ICAO: Final = frozenset({"000000", "ffffff"})


def is_nothing(text: str) -> bool:
    """Whether a text says that there is none: a word for nothing, marks without a letter, or a row of zeros."""
    plain = _plain(text)
    if not plain or plain in _EMPTY or (len(plain) >= MIN_ID_CHARACTERS and set(plain) == {"0"}):
        return True
    parts = _parts(text)
    return bool(parts) and all(part in _EMPTY for part in parts)


def is_placeholder(text: str) -> bool:
    """Whether an id is no name of anything: words for nothing or a kind, zeros beside them, or one sign repeated."""
    plain = _plain(text)
    if plain in _WORDS or len(set(plain)) <= 1 or plain.startswith(_BEGINNINGS):
        return True
    parts = _parts(text)
    if all(part in _WORDS or set(part) == {"0"} for part in parts):
        return True
    rest = _behind_kinds(parts)
    is_behind = len(rest) < len(plain)
    return is_behind and (rest in _WORDS or rest.startswith(_BEGINNINGS) or (len(rest) > 1 and len(set(rest)) == 1))


def is_binary_placeholder(raw: bytes) -> bool:
    """The same of a binary id (UTM, session): one byte over and over, or a placeholder as text."""
    stripped = raw.rstrip(b"\0")
    if len(set(stripped)) <= 1 and len(stripped) != 1:
        return True
    return stripped.isascii() and (text := stripped.decode("ascii")).isprintable() and is_placeholder(text)


@lru_cache(maxsize=16384)
def is_doubtful_id(id_type: int, text: str) -> bool:
    """Whether an id, though it is no placeholder, tells no two aircraft apart: too short, a count, a factory setting.

    ``id_type`` is an ``IdType``; binary ids are hex here. Such an id is shown, and is the key of nothing.
    """
    plain = _plain(text)
    if id_type in _BINARY_ID_TYPES:
        if _is_model(_text_of(plain)):
            return True
        digits = plain.rstrip("0") if _HEX.match(plain) else None
        if plain in _FACTORY_SETTINGS or "\ufffd" in text:
            return True
        return len(plain) < MIN_ID_BYTES if digits is None else len(digits) <= 2 * (MIN_ID_BYTES - 1)
    rest = _behind_kinds(_parts(text))
    if len(rest) < MIN_ID_CHARACTERS or "\ufffd" in text or plain in _FACTORY_SETTINGS or _is_model(text):
        return True
    return any(rest in count for count in _COUNTS)


def doubtful(id_types: Sequence[int], ids: Sequence[str | None]) -> set[tuple[int, str]]:
    """Which types and ids of some rows are doubtful; mostly none, and then the types are not looked at."""
    if not any(map(_may_be_doubtful, set(ids))):
        return set()
    pairs = set(zip(id_types, ids, strict=True))
    return {(id_type, text) for id_type, text in pairs if text is not None and is_doubtful_id(id_type, text)}


@lru_cache(maxsize=16384)
def _may_be_doubtful(text: str | None) -> bool:
    """As an id of any type."""
    return text is not None and (is_doubtful_id(int(IdType.SERIAL), text) or is_doubtful_id(int(IdType.SESSION), text))


def is_no_text(text: str) -> bool:
    """Whether a free text is the sender's filler and none of the pilot's."""
    return is_nothing(text) or _FILLERS.match(text.strip()) is not None


def is_no_address(address: str) -> bool:
    """Whether a hardware address, upper case with colons, is nobody's own."""
    return address in _NO_ADDRESSES


def is_no_icao_address(address: str) -> bool:
    """Whether a 24-bit address, lower case, is nobody's own."""
    return address.removeprefix("~") in _NO_ICAO


def _plain(text: str) -> str:
    """Its letters and digits, case and accents aside."""
    folded = text.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded)
    return "".join(filter(str.isalnum, folded))


def _parts(text: str) -> list[str]:
    """Its words and its numbers."""
    return _PART.findall(unicodedata.normalize("NFKD", text.casefold()).translate(_ACCENTS))


def _behind_kinds(parts: list[str]) -> str:
    """What stands behind the words for a kind that an id begins with ("drone-", "SN "), without marks between."""
    named = next((at for at, part in enumerate(parts) if part not in _PREFIXES), len(parts))
    return "".join(parts[named:])


def _is_model(text: str) -> bool:
    """Whether a text is the name of a model: every drone of its make may carry it."""
    parts = _parts(text)
    if _NUMBERED_MODEL.match("".join(parts)):
        return True
    is_named = any(part in _MODELS or part in _MAKERS for part in parts)
    return is_named and all(
        part in _MODELS
        or part in _MAKERS
        or part in _OF_A_MODEL
        or part in _PREFIXES
        or len(part) == 1
        or (part.isdigit() and len(part) <= _MODEL_DIGITS)
        for part in parts
    )


def _text_of(digits: str) -> str:
    """The text that hex digits stand for, empty where they stand for none."""
    if not _HEX.match(digits) or len(digits) % 2:
        return digits
    raw = bytes.fromhex(digits).rstrip(b"\0")
    return raw.decode("ascii") if raw.isascii() else ""
