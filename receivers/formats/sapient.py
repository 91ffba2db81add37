"""SAPIENT (BSI Flex 335 v2): detection reports to rows, status reports and registrations to heartbeats.

Without the extra ``sapient`` every message is refused with a word that says so. Other messages (tasks, alerts,
acknowledgements, errors) are ignored, and so are reports of people, animals and vehicles on land or water, and of
objects that the sensor has lost. A report that names its object and knows no place of it is presence; where the place
is in units that nobody stated, that is told too. One that names nobody is nothing without a place, and refused.

Version 1 has the same numbers for all that is read here: its protobuf is read alike, its JSON as far as it has version
2's form, and is refused by name where it has not (a ``coverage`` or ``detectionDefinition`` that is no list). The unit
of a signal's amplitude is told nowhere: left out. A centre frequency below a megahertz is in another unit: unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from airspace.model.detection import Flag, IdType, Source, Transport, UaType
from airspace.model.identity import is_serial
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, RawMessage, RejectReason
from airspace.model.placeholders import is_nothing, is_placeholder
from airspace.model.text import safe_text
from receivers.formats.content import content_id
from receivers.formats.dronescout import DETAIL_CHARACTERS, FIRST_TIME_S, LAST_TIME_S
from receivers.formats.framing import UNNAMED_SENSOR, Refusal, reject
from receivers.formats.rows import Row, bounded, detections
from receivers.formats.sapient_condition import condition_of
from receivers.formats.sapient_declared import Declared, declared_in
from receivers.formats.sapient_messages import parse
from receivers.formats.sapient_places import bearing, located, says_no_place, velocity

NOT_OURS: Final = frozenset({"human", "animal", "landvehicle", "seavehicle", "staticobject"})  # top classes, folded
UA_TYPES: Final = (  # words in a classification, the first that is found
    ("fixedwing", UaType.AEROPLANE),
    ("multirotor", UaType.MULTIROTOR),
    ("helicopter", UaType.OTHER),  # it may be manned, and F3411's one word for both is told as multirotor
    ("rotary", UaType.MULTIROTOR),
    ("copter", UaType.MULTIROTOR),
    ("glider", UaType.GLIDER),
    ("balloon", UaType.FREE_BALLOON),
)
FREQUENCY_HZ: Final = (1e6, 3e11)
MAX_NAMES: Final = 8  # classes and sub-classes in one text
_LOST: Final = "lost"
_NS_PER_S: Final = 1e9
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message, rows in the order of the messages."""
    rows: list[Row] = []
    heartbeats: list[Heartbeat] = []
    rejects = []
    ignored = 0
    for raw in messages:
        found = _read(raw)
        ignored += not found
        for one in found:
            if isinstance(one, Refusal):
                rejects.append(reject(raw, one))
            elif isinstance(one, Heartbeat):
                heartbeats.append(one)
            else:
                rows.append(one)
    return Decoded(detections=detections(rows), heartbeats=tuple(heartbeats), rejects=tuple(rejects), ignored=ignored)


def _read(raw: RawMessage) -> tuple[Row | Heartbeat | Refusal, ...]:
    """What a message means, nothing for one that carries nothing of ours."""
    message = parse(raw.payload)
    if isinstance(message, Refusal):
        return (message,)
    content = message.WhichOneof("content")
    if content == "detection_report":
        found = _detection(raw, message)
        return tuple(replace(one, payload=raw.payload) if isinstance(one, Refusal) else one for one in found)
    if content == "status_report":
        return (_status(raw, message),)
    return (_registration(raw, message),) if content == "registration" else ()


def _detection(raw: RawMessage, message: Any) -> tuple[Row | Refusal, ...]:
    """The row of a report, or why there is none; of a named object both, where only its place could not be read."""
    report = message.detection_report
    classes = sorted(report.classification, key=lambda one: -_probability(one))
    if _LOST in report.state.lower() or (classes and _folded(classes[0].type) in NOT_OURS):
        return ()
    declared = declared_in(message.additional_information)
    identity = _identity(report)
    place = {} if identity and says_no_place(report) else _place(report, declared)
    if not isinstance(place, Refusal):
        return (_row(raw, message, classes, declared, place | identity),)
    if not identity or place.reason is not RejectReason.UNKNOWN_FORMAT:
        return (place,)
    unread = identity | {"flags": identity.get("flags", Flag(0)) | Flag.POSITION_INVALID}
    return _row(raw, message, classes, declared, unread), place


def _row(raw: RawMessage, message: Any, classes: Sequence[Any], declared: Declared, known: Row) -> Row:
    report = message.detection_report
    names = [name for one in classes for name in _names(one)][:MAX_NAMES]
    sensor, time_s = _sensor(raw, message), _time(message)
    return {
        "time_s": time_s,
        "received_s": raw.received_s if math.isnan(time_s) else time_s,
        "source": Source.SAPIENT,
        "transport": Transport.NETWORK,
        "sensor": sensor,
        "transmitter": _transmitter(sensor, report.object_id),
        "content_id": content_id(sensor, raw.payload),
        "ua_type": _ua_type(names),
        "confidence": _confidence(report),
        "signal_class": safe_text(", ".join(names)),
        **velocity(report, declared),
        **_signal(report),
        **known,
    }


def _place(report: Any, declared: Declared) -> Row | Refusal:
    """Where it is, or in which direction."""
    where = report.WhichOneof("location_oneof")
    if where is None:
        return Refusal(reason=RejectReason.NO_DATA, detail="neither location nor range and bearing")
    return located(report.location, declared) if where == "location" else bearing(report.range_bearing, declared)


def _probability(classification: Any) -> float:
    """For the order of classes; one that is not said comes last."""
    return float(classification.confidence) if classification.HasField("confidence") else -1.0


def _confidence(report: Any) -> float:
    return bounded(report.detection_confidence if report.HasField("detection_confidence") else None, 0.0, 1.0)


def _transmitter(sensor: str, object_id: str) -> str | None:
    cleaned = safe_text(object_id)
    return None if cleaned is None or is_nothing(cleaned) else f"sapient:{sensor}:{cleaned}"


def _names(classification: Any) -> list[str]:
    """The class and its sub-classes, broad to narrow."""
    names = [classification.type]
    below = list(classification.sub_class)
    while below and len(names) < MAX_NAMES:
        best = max(below, key=_probability)
        names.append(best.type)
        below = list(best.sub_class)
    return [name for name in names if name]


def _folded(text: str) -> str:
    return _NO_LETTER.sub("", text.lower())


def _ua_type(names: Sequence[str]) -> UaType:
    folded = _folded(" ".join(names))
    return next((kind for word, kind in UA_TYPES if word in folded), UaType.UNKNOWN)


def _identity(report: Any) -> Row:
    """A serial number from the object's information, else the id of the report (a tail number, or a serial)."""
    serials = [one.value for one in report.object_info if "serial" in _folded(one.type)]
    named = [safe_text(one) for one in (*serials, report.id)]
    text = next((one for one in named if one is not None and not is_placeholder(one)), None)
    if text is None:
        return {"flags": Flag.ID_PLACEHOLDER} if any(named) else {}
    if is_serial(text) or text != named[-1]:
        flags = Flag(0) if is_serial(text) else Flag.SERIAL_INVALID
        return {"uas_id": text, "uas_id_type": IdType.SERIAL, "flags": flags}
    return {"uas_id": text, "uas_id_type": IdType.UNKNOWN}


def _signal(report: Any) -> Row:
    """The strongest signal's centre and width."""
    if not report.signal:
        return {}
    strongest = max(report.signal, key=lambda one: one.amplitude)
    width_hz = math.nan
    if strongest.HasField("start_frequency") and strongest.HasField("stop_frequency"):
        width_hz = strongest.stop_frequency - strongest.start_frequency
    centre_hz = bounded(strongest.centre_frequency, *FREQUENCY_HZ)
    return {
        "frequency_hz": centre_hz,
        "bandwidth_hz": math.nan if math.isnan(centre_hz) else bounded(width_hz, 0.0, FREQUENCY_HZ[1]),
    }


def _status(raw: RawMessage, message: Any) -> Heartbeat:
    report = message.status_report
    words = [_enum_word(report, "system"), *(one.status_value for one in report.status), report.mode]
    place = node_place(message, declared_in(message.additional_information)) or (None, None)
    return Heartbeat(
        sensor=_sensor(raw, message),
        logged_s=_heard(raw, message),
        said_s=_said(message),
        latitude_deg=place[0],
        longitude_deg=place[1],
        detail=safe_text(", ".join(word for word in words if word), DETAIL_CHARACTERS),
        **condition_of(report, raw.payload)._asdict(),
    )


def _enum_word(message: Any, name: str) -> str:
    """``ok`` for SYSTEM_OK."""
    if not message.HasField(name):
        return ""
    value = message.DESCRIPTOR.fields_by_name[name].enum_type.values_by_number.get(getattr(message, name))
    return "" if value is None else value.name.partition("_")[2].lower()


def _registration(raw: RawMessage, message: Any) -> Heartbeat:
    registration = message.registration
    words = ["registered", registration.name or registration.short_name, registration.icd_version]
    return Heartbeat(
        sensor=_sensor(raw, message),
        logged_s=_heard(raw, message),
        said_s=_said(message),
        detail=safe_text(", ".join(word for word in words if word), DETAIL_CHARACTERS),
    )


def node_place(message: Any, declared: Declared | None) -> tuple[float, float] | None:
    """Where a status report says that its node stands, if that can be read."""
    report = message.status_report
    if not report.HasField("node_location"):
        return None
    row = located(report.node_location, declared or Declared())
    return None if isinstance(row, Refusal) else (row["latitude_deg"], row["longitude_deg"])


def _sensor(raw: RawMessage, message: Any) -> str:
    return safe_text(message.node_id) or raw.sensor or UNNAMED_SENSOR


def _time(message: Any) -> float:
    """When the message was sent, NaN when it is not said or no time of ours."""
    if not message.HasField("timestamp"):
        return math.nan
    return bounded(message.timestamp.seconds + message.timestamp.nanos / _NS_PER_S, FIRST_TIME_S, LAST_TIME_S)


def _said(message: Any) -> float | None:
    time_s = _time(message)
    return None if math.isnan(time_s) else time_s


def _heard(raw: RawMessage, message: Any) -> float:
    time_s = _time(message)
    return raw.received_s if math.isnan(time_s) else time_s
