from __future__ import annotations

import pytest

from airspace.model.detection import EuCategory
from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import Predicate, ZoneKind
from geofences.notice_book import NoticeMatch
from geofences.rules import RULES, rule_of
from geofences.rules.case import Case
from tests.geofences import made

OPEN, MAX_30, MILITARY = Predicate.OPEN_FORBIDDEN, Predicate.OPEN_MAX_30_M, Predicate.MILITARY_PERMISSION
ALLOWED, VIOLATION, SUSPECTED = VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.SUSPECTED
NOT_DECIDABLE, SITUATION = VerdictValue.NOT_DECIDABLE, VerdictValue.SITUATION
NONE = NoticeMatch(reason=Reason.NO_NOTICE)
LATE = NoticeMatch(reason=Reason.NOTICE_WRONG_TIME, notice_id="N1")
NAMELESS = NoticeMatch(reason=Reason.NOTICE_IDENTITY_MISSING, notice_id="N1")
MATCH = NoticeMatch(reason=Reason.NOTICE_MATCHES, notice_id="N1", notice=made.notice())
EXEMPT = NoticeMatch(reason=Reason.NOTICE_MATCHES, notice_id="N1", notice=made.notice(exemptions=("1.a",)))
SPECIFIC = EuCategory.SPECIFIC


@pytest.mark.parametrize(
    ("predicate", "match", "agl_m", "category", "value", "reason"),
    [
        (OPEN, NONE, 50, 0, VIOLATION, Reason.NO_NOTICE),
        (OPEN, LATE, 50, 0, VIOLATION, Reason.NOTICE_WRONG_TIME),
        (OPEN, LATE, 50, EuCategory.OPEN, VIOLATION, Reason.NOTICE_WRONG_TIME),
        (OPEN, LATE, 50, SPECIFIC, SUSPECTED, Reason.NOTICE_WRONG_TIME),
        (OPEN, NONE, 50, EuCategory.CERTIFIED, SUSPECTED, Reason.NO_NOTICE),
        (OPEN, NAMELESS, 50, 0, NOT_DECIDABLE, Reason.NOTICE_IDENTITY_MISSING),
        (OPEN, MATCH, 50, 0, ALLOWED, Reason.NOTICE_MATCHES),
        (MAX_30, NONE, 29, 0, ALLOWED, Reason.NO_ZONE),
        (MAX_30, NONE, 49, 0, ALLOWED, Reason.NO_ZONE),  # within two standard deviations
        (MAX_30, NONE, 51, 0, SUSPECTED, Reason.ABOVE_LIMIT),
        (MAX_30, NONE, 51, SPECIFIC, ALLOWED, Reason.NO_ZONE),
        (MAX_30, NONE, float("nan"), 0, ALLOWED, Reason.NO_ZONE),
        (MAX_30, MATCH, 51, 0, ALLOWED, Reason.NOTICE_MATCHES),
        (MILITARY, LATE, 50, SPECIFIC, VIOLATION, Reason.PERMISSION_MISSING),
        (MILITARY, MATCH, 50, 0, ALLOWED, Reason.NOTICE_MATCHES),
        (Predicate.AUTHORISATION, NONE, 50, 0, VIOLATION, Reason.PERMISSION_MISSING),
        (Predicate.ALL_FORBIDDEN, MATCH, 50, SPECIFIC, VIOLATION, Reason.ALL_FLIGHTS_FORBIDDEN),
        (Predicate.ALL_FORBIDDEN, EXEMPT, 50, 0, ALLOWED, Reason.NOTICE_MATCHES),
        (Predicate.FOURTH_OF_MAY, NONE, 50, 0, VIOLATION, Reason.ALL_FLIGHTS_FORBIDDEN),
        (Predicate.UNKNOWN, MATCH, 50, 0, NOT_DECIDABLE, Reason.RULE_UNKNOWN),
        (Predicate.NONE, NONE, 50, 0, ALLOWED, Reason.NO_ZONE),
    ],
)
def test_what_a_zone_asks(
    predicate: Predicate, match: NoticeMatch, agl_m: float, category: int, value: VerdictValue, reason: Reason
) -> None:
    zone = made.zone(predicate=predicate)
    finding = rule_of(zone).judge(Case(zone=zone, match=match, agl_m=agl_m, sigma_m=10.0, eu_category=category))
    assert (finding.value, finding.reason) == (value, reason)


@pytest.mark.parametrize(("match", "value"), [(NONE, SITUATION), (LATE, SITUATION), (MATCH, ALLOWED)])
def test_a_fence_is_a_situation_whatever_its_predicate(match: NoticeMatch, value: VerdictValue) -> None:
    for predicate in Predicate:
        zone = made.zone(kind=ZoneKind.ALERT_ONLY, predicate=predicate)
        assert rule_of(zone).judge(Case(zone=zone, match=match)).value is value


@pytest.mark.parametrize(
    ("match", "category", "value"),
    [(NONE, 0, VIOLATION), (NONE, SPECIFIC, SUSPECTED), (MATCH, 0, ALLOWED), (NAMELESS, 0, NOT_DECIDABLE)],
)
def test_height(match: NoticeMatch, category: int, value: VerdictValue) -> None:
    finding = rule_of(None).judge(Case(zone=None, match=match, agl_m=165, sigma_m=5, eu_category=category))
    assert finding.value is value


def test_every_predicate_has_a_rule_and_control_zones_their_own() -> None:
    assert set(RULES) == set(Predicate)
    assert rule_of(made.zone(group="ctr-eham")).name == "ctr_open"
    assert rule_of(made.zone()).name == "zone_conditional"
