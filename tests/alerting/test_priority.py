from __future__ import annotations

from typing import Any

import pytest

from airspace.model.detection import OperatorLocation, Status
from airspace.model.verdict import Kind, NoticeGap, Reason, VerdictValue
from airspace.model.zone import ZoneRole
from alerting.facts import Facts
from alerting.priority import URGENT, priority
from tests.alerting.making import row

PILOT = {"operator_latitude_deg": 52.3, "operator_longitude_deg": 4.95}


def facts(value: VerdictValue = VerdictValue.VIOLATION, *, drone: dict[str, Any] | None = None, **values: Any) -> Facts:
    common: dict[str, Any] = {"kind": Kind.ZONE, "reason": Reason.NO_NOTICE, "rule": "r", "rule_version": "1"}
    return Facts(value=value, track=row(**(drone or {})), **{**common, "group": "ctr", **values})


LIVE = {**PILOT, "operator_location_type": int(OperatorLocation.LIVE)}
TABLE = [
    (facts(), 40),
    (facts(VerdictValue.SUSPECTED), 30),
    (facts(VerdictValue.NOT_DECIDABLE), 15),
    (facts(VerdictValue.SITUATION, reason=Reason.INSIDE_FENCE, zone_role=ZoneRole.RING), 40),
    (facts(reason=Reason.ALL_FLIGHTS_FORBIDDEN), 55),
    (facts(reason=Reason.PERMISSION_MISSING), 50),
    (facts(reason=Reason.TGB_NOT_NAMED), 55),
    (facts(VerdictValue.SUSPECTED, reason=Reason.OVER_ASSEMBLY, zone_role=ZoneRole.BOWL), 85),
    (facts(VerdictValue.SUSPECTED, kind=Kind.SIGHT, reason=Reason.BEYOND_SIGHT), 20),
    (facts(VerdictValue.SUSPECTED, kind=Kind.REMOTE_ID, reason=Reason.REMOTE_ID_MISSING), 15),
    (facts(VerdictValue.SITUATION, kind=Kind.CONFORMANCE, reason=Reason.OUTSIDE_NOTICE), 20),
    (facts(VerdictValue.SITUATION, kind=Kind.CONFORMANCE, reason=Reason.CONTINGENT), 30),
    (facts(VerdictValue.SITUATION, kind=Kind.CAPACITY, reason=Reason.CTR_CONCURRENCY), 40),
    (facts(zone_role=ZoneRole.RING), 60),
    (facts(zone_role=ZoneRole.BOWL), 80),
    (facts(zone_role=ZoneRole.BOWL, height_agl_m=49.0), 90),
    (facts(zone_role=ZoneRole.BOWL, height_agl_m=51.0), 80),
    (facts(drone=LIVE), 50),
    (facts(drone={**PILOT, "operator_location_type": int(OperatorLocation.TAKEOFF)}), 45),
    (facts(drone={**PILOT, "operator_location_type": int(OperatorLocation.FIXED)}), 40),
    (facts(drone={**LIVE, "suspect": True}), 0),
    (facts(zone_role=ZoneRole.BOWL, height_agl_m=20.0, drone=LIVE), 100),
    (facts(drone={"status": int(Status.EMERGENCY)}), 100),
    (facts(notice_gap=NoticeGap(metres=80.0)), 30),
    (facts(notice_gap=NoticeGap(metres=180.0)), 40),
    (facts(notice_gap=NoticeGap(minutes=-10.0)), 30),
    (facts(notice_gap=NoticeGap(metres=80.0, minutes=5.0)), 40),
    (facts(notice_gap=NoticeGap(identity="missing")), 30),
    (facts(notice_gap=NoticeGap(identity="different")), 40),
    (facts(VerdictValue.SITUATION, kind=Kind.COVERAGE, reason=Reason.SENSOR_SILENT), 40),
    (facts(VerdictValue.SUSPECTED, kind=Kind.SPOOFING, reason=Reason.SPOOF_SIGNS, drone={"suspect": True}), 30),
    (facts(VerdictValue.SITUATION, kind=Kind.EMERGENCY, reason=Reason.EMERGENCY_DECLARED), 100),
]


@pytest.mark.parametrize(("given", "points"), TABLE)
def test_the_table_of_factors(given: Facts, points: int) -> None:
    total, factors = priority(given)
    assert total == points
    assert total == max(0, min(100, sum(factor.points for factor in factors)))
    assert all(factor.points for factor in factors)


def test_a_plain_violation_calls_nobody_out_and_one_over_the_crowd_does() -> None:
    assert priority(facts(drone=LIVE))[0] < URGENT <= priority(facts(zone_role=ZoneRole.BOWL))[0]


def test_fifteen_ghosts_do_not_outrank_the_real_drone() -> None:
    ghost = facts(VerdictValue.NOT_DECIDABLE, zone_role=ZoneRole.BOWL, height_agl_m=40.0, drone={"suspect": True})
    assert priority(ghost)[0] < priority(facts())[0]
