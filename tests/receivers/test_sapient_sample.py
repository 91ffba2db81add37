"""A session of BSI Flex 335 v2 as the library's own definitions demand it: every mandatory field, nothing unknown.

The public samples beside Apex have node ids that are no UUIDs and units that are not set; these messages are whole, and
the library itself says so: it parses them strictly and its options name what is mandatory. So do our answers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, Final

import pytest

from airspace.model.detection import Source
from receivers.formats import sapient
from tests.receivers.sapient_messages import NODE
from tests.receivers.test_sapient_node import node

TIME: Final = "2026-05-01T18:30:00.250Z"
ULIDS: Final = [f"01JTM9Z3{number}0000000000000000V"[:26] for number in range(4)]
DURATION: Final = {"units": "TIME_UNITS_SECONDS", "value": 10.0}
REGISTRATION: Final[dict[str, Any]] = {
    "nodeDefinition": [{"nodeType": "NODE_TYPE_RADAR", "nodeSubType": ["micro-Doppler"]}],
    "icdVersion": "BSI Flex 335 v2.0",
    "name": "Roof radar",
    "capabilities": [{"category": "Radar", "type": "Range", "value": "3000", "units": "metres"}],
    "statusDefinition": {"statusInterval": DURATION},
    "modeDefinition": [
        {
            "modeName": "default",
            "modeType": "MODE_TYPE_PERMANENT",
            "settleTime": DURATION,
            "detectionDefinition": [
                {
                    "locationType": {
                        "locationUnits": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
                        "locationDatum": "LOCATION_DATUM_WGS84_E",
                    },
                    "velocityType": {
                        "enuVelocityUnits": {
                            "eastNorthRateUnits": "SPEED_UNITS_MS",
                            "upRateUnits": "SPEED_UNITS_MS",
                        },
                        "locationDatum": "LOCATION_DATUM_WGS84_E",
                    },
                }
            ],
            "task": {
                "regionDefinition": {
                    "regionType": ["REGION_TYPE_AREA_OF_INTEREST"],
                    "regionArea": [
                        {
                            "locationUnits": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
                            "locationDatum": "LOCATION_DATUM_WGS84_E",
                        }
                    ],
                }
            },
        }
    ],
    "configData": [{"manufacturer": "Test", "model": "Roof"}],
}
STATUS: Final[dict[str, Any]] = {
    "reportId": ULIDS[0],
    "system": "SYSTEM_OK",
    "info": "INFO_NEW",
    "mode": "default",
    "nodeLocation": {
        "x": 4.9419,
        "y": 52.3144,
        "z": 60.0,
        "coordinateSystem": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
        "datum": "LOCATION_DATUM_WGS84_E",
    },
}
DETECTION: Final[dict[str, Any]] = {
    "reportId": ULIDS[1],
    "objectId": ULIDS[2],
    "location": {
        "x": 4.95,
        "y": 52.32,
        "z": 95.0,
        "xError": 8.0,
        "yError": 8.0,
        "coordinateSystem": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
        "datum": "LOCATION_DATUM_WGS84_E",
    },
    "detectionConfidence": 0.9,
    "classification": [
        {"type": "Air vehicle", "confidence": 0.8, "subClass": [{"type": "UAV multirotor", "level": 0}]}
    ],
    "enuVelocity": {"eastRate": 3.0, "northRate": 4.0, "upRate": 0.5},
}
ALERT: Final[dict[str, Any]] = {
    "alertId": ULIDS[3],
    "alertType": "ALERT_TYPE_WARNING",
    "status": "ALERT_STATUS_ACTIVE",
    "description": "a drone close to the stand",
    "priority": "DISCRETE_PRIORITY_HIGH",
}
CONTENTS: Final = {
    "registration": REGISTRATION,
    "statusReport": STATUS,
    "detectionReport": DETECTION,
    "alert": ALERT,
}


def made(kind: str, sender: str = NODE) -> Any:
    """By the library's strict reading of JSON: a name that it does not know is an error."""
    message = importlib.import_module("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2").SapientMessage()
    content = {"timestamp": TIME, "nodeId": sender, kind: CONTENTS[kind]}
    return importlib.import_module("google.protobuf.json_format").ParseDict(content, message)


def missing(message: Any, path: str = "") -> Iterator[str]:
    """Mandatory fields that are not there, by the options of the definitions."""
    options = importlib.import_module("sapient_msg.proto_options_pb2").field_options
    set_fields = {field.name: value for field, value in message.ListFields()}
    for field in message.DESCRIPTOR.fields:
        if field.GetOptions().Extensions[options].is_mandatory and field.name not in set_fields:
            yield path + field.name
    for name, value in set_fields.items():
        for one in value if hasattr(value, "extend") else [value]:
            if hasattr(one, "ListFields"):
                yield from missing(one, f"{path}{name}.")


@pytest.mark.parametrize("kind", CONTENTS)
def test_the_sample_is_whole(kind: str) -> None:
    assert list(missing(made(kind))) == []


def test_what_is_missing_would_be_seen() -> None:
    message = made("statusReport")
    message.status_report.ClearField("info")
    assert list(missing(message)) == ["status_report.info"]


async def test_the_session_gives_a_place_a_detection_and_answers() -> None:
    async with node() as (one, sensor, arrived):
        sensor.say(*(made(kind) for kind in CONTENTS))
        answers = [await sensor.hear(), await sensor.hear()]
        decoded = sapient.decode([await arrived.get() for _ in CONTENTS])
    assert [answer.WhichOneof("content") for answer in answers] == ["registration_ack", "alert_ack"]
    assert [list(missing(answer)) for answer in answers] == [[], []]
    ack = answers[1].alert_ack
    assert (ack.alert_id, ack.alert_ack_status) == (ULIDS[3], ack.ALERT_ACK_STATUS_ACCEPTED)
    assert answers[1].destination_id == NODE
    assert (one.counters["alerts"], one.counters["unregistered"], one.counters["unreadable"]) == (1, 0, 0)
    assert (len(decoded.heartbeats), decoded.ignored, decoded.rejects) == (2, 1, ())
    rows = decoded.detections
    assert (rows.source[0], rows.sensor[0], rows.signal_class[0]) == (
        Source.SAPIENT,
        NODE,
        "Air vehicle, UAV multirotor",
    )
    assert (rows.latitude_deg[0], rows.longitude_deg[0], rows.altitude_wgs84_m[0]) == (52.32, 4.95, 95.0)
    assert (rows.speed_m_s[0], rows.vertical_speed_m_s[0]) == pytest.approx((5.0, 0.5))
    assert decoded.heartbeats[1].latitude_deg == pytest.approx(52.3144)


async def test_an_alert_of_a_node_that_is_not_configured_is_refused() -> None:
    async with node(nodes=frozenset({"another"})) as (one, sensor, arrived):
        sensor.say(made("alert"))
        answer = await sensor.hear()
        assert answer.alert_ack.alert_ack_status == answer.alert_ack.ALERT_ACK_STATUS_REJECTED
        assert "configuration" in answer.alert_ack.reason[0]
        assert list(missing(answer)) == []
        assert (one.counters["alerts"], one.counters["refused_node"], arrived.empty()) == (0, 1, True)


async def test_an_alert_with_an_id_that_is_none_is_not_answered() -> None:
    message = made("alert")
    message.alert.alert_id = "x" * 10_000
    async with node() as (one, sensor, arrived):
        sensor.say(message, made("registration"))
        assert (await sensor.hear()).WhichOneof("content") == "registration_ack"
        assert one.counters["alerts"] == 0
        assert (await arrived.get()).payload == message.SerializeToString()
