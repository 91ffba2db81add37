"""Operational intents as services of F3548 answer, notify and test with them; and what of a notice's place is checked.

The shapes are those of ASTM F3548-21 (interuss/uas_standards), of the InterUSS test suite (flight plans, injections;
its off-nominal flights have all their volumes off-nominal) and of drafts that still lie about; the figures are ours.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from airspace.__main__ import cli
from airspace.app.doctor import files
from airspace.app.doctor.finding import State
from airspace.model.notice import NoticeState
from airspace.model.verdict import Reason
from airspace.model.zone import Circle, Datum, Polygon
from airspace.service import config
from geofences.formats.notices import NoticeFileError, read, read_entered
from geofences.notices.book import NoticeBook
from tests.geofences import made

SERIAL = "9ZZZ8TRU42417"
ID = "2f8343be-6482-4d1b-a474-16847e01af1e"
START, END = "2026-05-01T10:00:00Z", "2026-05-01T18:00:00Z"
CIRCLE = {"center": {"lat": 52.3144, "lng": 4.9419}, "radius": {"value": 300, "units": "M"}}
CORNERS = [(4.94, 52.31), (4.95, 52.31), (4.95, 52.32), (4.94, 52.32)]


def altitude(value: float, reference: str = "W84", units: str = "M") -> dict[str, Any]:
    return {"value": value, "reference": reference, "units": units}


def volume(**changes: Any) -> dict[str, Any]:
    inner = {"outline_circle": CIRCLE, "altitude_lower": altitude(43), "altitude_upper": altitude(163)}
    times = {"time_start": {"value": START, "format": "RFC3339"}, "time_end": {"value": END, "format": "RFC3339"}}
    outer = {name: changes.pop(name) for name in ("time_start", "time_end") if name in changes}
    return times | outer | {"volume": {name: value for name, value in (inner | changes).items() if value != "left out"}}


def reference(state: str = "Accepted", **more: Any) -> dict[str, Any]:
    return {"id": ID, "manager": "uss1", "version": 1, "state": state, "ovn": "x", "uss_base_url": "https://u"} | more


def intent(state: str = "Accepted", volumes: Any = None, off_nominal: Any = None, **more: Any) -> dict[str, Any]:
    details = {"volumes": [volume()] if volumes is None else volumes, "priority": 0}
    return {"reference": reference(state), "details": details | {"off_nominal_volumes": off_nominal or []}} | more


ENVELOPES: dict[str, Any] = {
    "a list": [intent()],
    "one": intent(),
    "GET of a service": {"operational_intent": intent()},
    "several answers": [{"operational_intent": intent()}],
    "intents": {"operational_intents": [intent()]},
    "answers in a list": {"operational_intents": [{"operational_intent": intent()}]},
    "notification": {"operational_intent_id": ID, "operational_intent": intent(), "subscriptions": []},
    "names of the log": {
        "operational_intent_reference": reference(), "operational_intent_details": {"volumes": [volume()]},
    },
    "times of the reference": {
        "operational_intent": {
            "reference": reference(time_start={"value": START}, time_end={"value": END}),
            "details": {"volumes": [volume(time_start=None, time_end=None)]},
        }
    },
    "our own, in a list": {"notices": [{"id": ID, "state": "approved", "volumes": [volume()]}]},
    "our own, alone": {"id": ID, "state": "approved", "volumes": [volume()]},
}  # fmt: skip


@pytest.mark.parametrize("document", ENVELOPES.values(), ids=ENVELOPES)
def test_one_notice_out_of_every_envelope(document: Any) -> None:
    file = read(json.dumps(document).encode(), "f.json")
    assert not file.oddities
    (notice,) = file.notices
    assert (notice.notice_id, notice.state, len(notice.volumes)) == (ID, NoticeState.APPROVED, 1)
    window = notice.volumes[0]
    assert window.volume.shape == Circle(latitude_deg=52.3144, longitude_deg=4.9419, radius_m=300.0)
    assert (window.end_s - window.start_s, window.volume.upper_m) == (8 * 3600.0, 163.0)


def test_an_intent_a_line() -> None:
    lines = "\n".join(json.dumps({"operational_intent": intent()}) for _ in range(2))
    assert len(read(lines.encode(), "f.jsonl").notices) == 1


@pytest.mark.parametrize("state", ["Nonconforming", "NonConforming", "Non-conforming", "NONCONFORMING", "Contingent"])
@pytest.mark.parametrize("nominal", [[], [volume(outline_circle=CIRCLE | {"center": {"lat": 52.4, "lng": 4.9}})]])
def test_a_flight_in_trouble_is_allowed_where_it_is_expected_then(state: str, nominal: list[Any]) -> None:
    file = read(json.dumps([intent(state, nominal, [volume()], uas_serials=[SERIAL])]).encode(), "f.json")
    (notice,) = file.notices
    assert notice.state is NoticeState.ACTIVE
    assert len(notice.volumes) == len(nominal) + 1
    match = NoticeBook(file.notices).nearest(made.track_row(uas_id=SERIAL), 50.0, made.NOON_S)
    assert match.matches
    assert any("off_nominal_volumes: 1 taken" in each.what for each in file.remarks)


@pytest.mark.parametrize("state", ["Accepted", "Activated"])
def test_off_nominal_volumes_of_a_flight_without_trouble_hold_nothing(state: str) -> None:
    file = read(json.dumps([intent(state, off_nominal=[volume()])]).encode(), "f.json")
    assert len(file.notices[0].volumes) == 1
    assert any("off_nominal_volumes: not used" in each.what for each in file.remarks)


@pytest.mark.parametrize(
    ("usage", "uas", "state", "off_nominal"),
    [
        ("Planned", "Nominal", NoticeState.APPROVED, 0),
        ("InUse", "Nominal", NoticeState.ACTIVE, 0),
        ("InUse", "OffNominal", NoticeState.ACTIVE, 0),
        ("Closed", "Nominal", NoticeState.ENDED, 0),
    ],
)
def test_a_flight_plan_of_the_test_suite(usage: str, uas: str, state: NoticeState, off_nominal: int) -> None:
    basic = {"usage_state": usage, "uas_state": uas, "area": [volume()]}
    authorisation = {
        "uas_serial_number": SERIAL.lower(),
        "operator_id": "NLD87astrdge12k8-xyz",
        "operation_category": "Specific",
        "uas_class": "C2",
    }
    plan = {"basic_information": basic, "uspace_flight_authorisation": authorisation, "astm_f3548_21": {"priority": 0}}
    file = read(json.dumps({"flight_plan_id": "p1", "flight_plan": plan}).encode(), "f.json")
    (notice,) = file.notices
    assert (notice.notice_id, notice.state, notice.uas_serials) == ("p1", state, (SERIAL,))
    assert (notice.operator_registration, notice.category, notice.uas_class) == ("NLD87astrdge12k8", "specific", "C2")
    assert len(notice.volumes) == 1 + off_nominal


def test_intents_by_name_as_the_test_suite_keeps_them_with_axes_swapped_in_one() -> None:
    """interuss/monitoring babff832, che/flight_intents/conflicting_flights.json has Bern at 7.5 N, 47 E."""
    request = {"operational_intent": {"state": "Accepted", "volumes": [volume()], "off_nominal_volumes": []}}
    authorisation = {"uas_serial_number": SERIAL, "operator_id": "CHEo5kut30e0mt01-qwe"}
    bern = volume(outline_circle=CIRCLE | {"center": {"lat": 7.4775, "lng": 46.975}})
    intents = {
        "first": {"full": {"request": request | {"flight_authorisation": authorisation}}},
        "mutated": {"delta": {"source": "first", "mutation": {}}},
        "swapped": {"full": {"request": {"operational_intent": {"state": "Accepted", "volumes": [bern]}}}},
        "to a DSS": {"extents": [volume()], "state": "Accepted", "uss_base_url": "https://u"},
    }
    file = read(json.dumps({"intents": intents}).encode(), "f.json")
    assert [each.notice_id for each in file.notices] == ["first", "to a DSS"]
    assert (file.notices[0].uas_serials, file.notices[0].operator_registration) == ((SERIAL,), "CHEo5kut30e0mt01")
    told = [each.what for each in file.oddities]
    assert "state: unknown value" in told[0]
    assert "in CHE with latitude and longitude swapped" in told[1]
    assert "qwe" not in repr(file)


def test_an_injection_of_the_test_suite() -> None:
    injection = {
        "id": "f1",
        "operational_intent": {
            "state": "Nonconforming",
            "volumes": [],
            "off_nominal_volumes": [volume()],
            "priority": 0,
        },
        "flight_authorisation": {"uas_serial_number": SERIAL},
    }
    (notice,) = read(json.dumps([injection]).encode(), "f.json").notices
    assert (notice.notice_id, notice.state, notice.uas_serials) == ("f1", NoticeState.ACTIVE, (SERIAL,))


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([{"operational_intent_reference": reference()}], "volumes: none given: a reference alone"),
        ({"operational_intent_references": [reference()]}, "volumes: none given"),
        ([{"operational_intent_id": ID, "operational_intent": None}], "operational_intent: null"),
        ([intent("Withdrawn")], "state: unknown value 'Withdrawn'"),
        ([intent(volumes=[volume(time_start={"value": 1777629600, "format": "Unix"})])], "time: unknown format 'Unix'"),
        ([intent(volumes=[volume(time_start=None)])], "volumes[0].time_start: none given"),
        ([intent(volumes=[volume(altitude_upper=altitude(9, units="FL"))])], "altitude_upper: unknown units 'FL'"),
        (["not an object"], "it is no object"),
    ],
)
def test_what_holds_no_volume_or_no_known_word_is_named(document: Any, told: str) -> None:
    file = read(json.dumps(document).encode(), "f.json")
    assert file.notices == ()
    assert told in file.oddities[0].what


@pytest.mark.parametrize("document", [{}, {"x": 1}, 3, "text"])
def test_what_is_no_list_of_notices_is_refused(document: Any) -> None:
    with pytest.raises(NoticeFileError):
        read(json.dumps(document).encode(), "f.json")


@pytest.mark.parametrize(
    ("upper", "metres", "datum"),
    [
        (altitude(400, "AGL", "FT"), 121.92, Datum.AGL),
        (altitude(400, "SFC", "ft"), 121.92, Datum.AGL),
        (altitude(120, "MSL", "meters"), 120.0, Datum.AMSL),
        (altitude(120, "WGS-84", "m"), 120.0, Datum.WGS84),
        (altitude(120, "STND", "M"), 120.0, Datum.UNKNOWN),
        (120, 120.0, Datum.UNKNOWN),
        (None, None, Datum.UNKNOWN),
    ],
)
def test_altitudes_in_other_units_and_references(upper: Any, metres: float | None, datum: Datum) -> None:
    entry = volume(altitude_lower=None, altitude_upper=upper)
    (notice,) = read(json.dumps([intent(volumes=[entry])]).encode(), "f.json").notices
    found = notice.volumes[0].volume
    assert found.upper_m == (None if metres is None else pytest.approx(metres))
    assert found.upper_datum is datum


def test_outlines_of_drafts_and_of_network_remote_id() -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [4.9419, 52.3144]},
        "properties": {"radius": {"value": 1000, "units": "FT"}},
    }
    ring = {"type": "Polygon", "coordinates": [[*CORNERS, CORNERS[0]]]}
    flat = {
        "spatial_volume": {
            "footprint": {"vertices": [{"lat": y, "lng": x} for x, y in CORNERS]},
            "altitude_lo": 20.0,
            "altitude_hi": 400,
        },
        "time_start": START,
        "time_end": END,
    }
    volumes = [volume(outline_circle=feature), volume(outline_circle={}, outline_polygon=ring), flat]
    (notice,) = read(json.dumps([intent(volumes=volumes)]).encode(), "f.json").notices
    circle, *polygons = (each.volume for each in notice.volumes)
    assert isinstance(circle.shape, Circle)
    assert circle.shape.radius_m == pytest.approx(304.8)
    for each in polygons:
        assert isinstance(each.shape, Polygon)
        assert each.shape.rings[0][:4] == tuple(CORNERS)
    assert (polygons[1].lower_m, polygons[1].upper_m, polygons[1].upper_datum) == (20.0, 400.0, Datum.WGS84)


def test_of_one_notice_twice_the_later_version_counts() -> None:
    later = intent("Activated") | {"reference": reference("Activated", version=2)}
    file = read(json.dumps([intent(), later]).encode(), "f.json")
    assert (file.notices[0].version, file.notices[0].state) == (2, NoticeState.ACTIVE)
    assert "version 2 counts" in file.remarks[0].what


def test_a_person_may_send_what_a_service_answered() -> None:
    notice = read_entered({"id": "x", "state": "requested", "operational_intent": intent()}, "entered", lambda _: None)
    assert (notice.notice_id, notice.state) == (ID, NoticeState.APPROVED)


# what is checked of a zone's outline

SWAPPED = {"center": {"lat": 4.9419, "lng": 52.3144}, "radius": {"value": 300, "units": "M"}}


@pytest.mark.parametrize(
    ("outline", "told"),
    [
        ({"outline_circle": SWAPPED}, "in NLD with latitude and longitude swapped"),
        (
            {"outline_circle": "left out", "outline_polygon": {"vertices": [{"lat": x, "lng": y} for x, y in CORNERS]}},
            "in NLD with latitude and longitude swapped",
        ),
        ({"outline_circle": CIRCLE | {"radius": {"value": 300, "units": "KM"}}}, "radius: 300000 m"),
        ({"outline_circle": CIRCLE | {"center": {"lat": 89.5, "lng": 4.9}}}, "at a pole"),
        (
            {
                "outline_circle": "left out",
                "outline_polygon": {"vertices": [{"lat": CORNERS[n][1], "lng": CORNERS[n][0]} for n in (0, 2, 1, 3)]},
            },
            "crosses itself",
        ),
    ],
)
def test_a_place_that_cannot_be_meant_is_refused_by_name(outline: dict[str, Any], told: str) -> None:
    sound = intent() | {"reference": reference() | {"id": "sound"}}
    file = read(json.dumps([intent(volumes=[volume(**outline)], uas_serials=[SERIAL]), sound]).encode(), "f.json")
    assert [each.notice_id for each in file.notices] == ["sound"]
    assert told in file.oddities[0].what
    match = NoticeBook(file.notices, unread=file.unread).nearest(made.track_row(uas_id=SERIAL), 50.0, made.NOON_S)
    assert (match.reason, match.notice_id) == (Reason.NOTICE_UNREADABLE, ID)


def test_an_outline_that_crosses_itself_by_a_metre_is_mended_and_said() -> None:
    corners = [*CORNERS[:3], (4.93999, 52.32), (4.93999, 52.32001), (4.94, 52.31999)]
    outline = {"vertices": [{"lat": y, "lng": x} for x, y in corners]}
    entry = volume(outline_circle="left out", outline_polygon=outline)
    file = read(json.dumps([intent(volumes=[entry])]).encode(), "f.json")
    assert file.notices[0].volumes
    assert any("crosses itself" in each.what for each in file.remarks)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"outline_circle": CIRCLE | {"center": {"lat": -33.9, "lng": 18.4}}}, "in no state that is known here"),
        ({"outline_circle": CIRCLE | {"radius": {"value": 60_000, "units": "M"}}}, "its radius is 60 km"),
        ({"time_end": {"value": "2062-05-01T18:00:00Z"}}, "is the year right?"),
        ({"altitude_lower": altitude(9_000), "altitude_upper": altitude(9_500)}, "are the units right?"),
    ],
)
def test_what_is_odd_is_told_by_notice_and_loudly_where_no_volume_is_sound(changes: dict[str, Any], told: str) -> None:
    file = read(json.dumps([intent(volumes=[volume(**changes)])]).encode(), "f.json")
    (remark,) = file.remarks
    assert remark.place == f"notice {ID}"
    assert told in remark.what
    assert "no volume of it is sound" in remark.what
    both = read(json.dumps([intent(volumes=[volume(**changes), volume()])]).encode(), "f.json")
    assert "no volume of it is sound" not in both.remarks[0].what


def test_check_and_doctor_name_them(tmp_path: Any) -> None:
    far = intent(volumes=[volume(outline_circle=CIRCLE | {"center": {"lat": 46.2, "lng": 6.1}})])
    path = tmp_path / "list.json"
    for document, told in (
        ([far], f"1 far from here: {ID}"),
        ([intent(volumes=[volume(outline_circle=SWAPPED)])], "axis order"),
        ([intent(volumes=[volume(time_end={"value": "2062-05-01T18:00:00Z"})])], "no volume of it is sound"),
    ):
        path.write_text(json.dumps(document))
        (finding,) = files.notices(config.Settings(notices=config.Notices(files=(str(path),))), made.NOON_S)
        assert finding.state is State.WARN
        assert told in finding.text
    path.write_text(json.dumps([intent()]))
    (finding,) = files.notices(config.Settings(notices=config.Notices(files=(str(path),))), made.NOON_S)
    assert finding.state is State.OK
    checked = CliRunner().invoke(cli, ["notices", "check", str(path)])
    assert "1 notices: all are over, since 2026-05-01T18:00:00.000Z" in checked.output
