from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from itertools import product

import pytest

from airspace.model.detection import EuCategory, EuClass
from airspace.model.units import epoch_s
from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import Predicate, ZoneKind
from geofences import rules
from geofences.notices.book import NoticeMatch
from geofences.rules import CAPACITY, HEIGHT_120, RULES, WATCHED, night, rule_of
from geofences.rules.case import Case, Flights
from tests.geofences import made

OPEN, MAX_30, MILITARY = Predicate.OPEN_FORBIDDEN, Predicate.OPEN_MAX_30_M, Predicate.MILITARY_PERMISSION
ALLOWED, VIOLATION, SUSPECTED = VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.SUSPECTED
NOT_DECIDABLE, SITUATION = VerdictValue.NOT_DECIDABLE, VerdictValue.SITUATION
NONE = NoticeMatch(reason=Reason.NO_NOTICE)
LATE = NoticeMatch(reason=Reason.NOTICE_WRONG_TIME, notice_id="N1")
NAMELESS = NoticeMatch(reason=Reason.NOTICE_IDENTITY_MISSING, notice_id="N1")
MATCH = NoticeMatch(reason=Reason.NOTICE_MATCHES, notice_id="N1", notice=made.notice())
NAMELESS_EXEMPT = replace(NAMELESS, notice=made.notice(exemptions=("1.a",)))
GRACE = NoticeMatch(reason=Reason.NOTICE_GRACE, notice_id="N1", notice=made.notice())
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
        (Predicate.ALL_FORBIDDEN, NAMELESS_EXEMPT, 50, 0, NOT_DECIDABLE, Reason.NOTICE_IDENTITY_MISSING),
        (Predicate.ALL_FORBIDDEN, NAMELESS, 50, 0, VIOLATION, Reason.ALL_FLIGHTS_FORBIDDEN),
        (Predicate.TEMPORARY, NONE, 50, SPECIFIC, VIOLATION, Reason.ALL_FLIGHTS_FORBIDDEN),
        (Predicate.TEMPORARY, MATCH, 50, 0, VIOLATION, Reason.TGB_NOT_NAMED),
        (Predicate.TEMPORARY, LATE, 50, 0, VIOLATION, Reason.ALL_FLIGHTS_FORBIDDEN),
        (Predicate.TEMPORARY, EXEMPT, 50, 0, ALLOWED, Reason.NOTICE_MATCHES),
        (Predicate.TEMPORARY, NAMELESS_EXEMPT, 50, 0, NOT_DECIDABLE, Reason.NOTICE_IDENTITY_MISSING),
        (Predicate.INDUSTRY, NONE, 50, 0, VIOLATION, Reason.NO_NOTICE),
        (Predicate.INDUSTRY, NONE, 50, SPECIFIC, SUSPECTED, Reason.NO_NOTICE),
        (Predicate.INDUSTRY, MATCH, 50, 0, ALLOWED, Reason.NOTICE_MATCHES),
        (Predicate.ASSEMBLY, NONE, 50, 0, SUSPECTED, Reason.OVER_ASSEMBLY),
        (Predicate.ASSEMBLY, NONE, 50, SPECIFIC, SUSPECTED, Reason.OVER_ASSEMBLY),
        (Predicate.ASSEMBLY, MATCH, 50, 0, ALLOWED, Reason.NOTICE_MATCHES),
        (Predicate.RESIDENTIAL, NONE, 50, 0, ALLOWED, Reason.NO_ZONE),
        (Predicate.NATURE, NONE, 50, 0, ALLOWED, Reason.NATURE_AREA),
        (Predicate.USPACE, NONE, 50, 0, ALLOWED, Reason.NO_ZONE),
        (OPEN, GRACE, 50, 0, ALLOWED, Reason.NOTICE_GRACE),
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
    for predicate in set(Predicate) - {Predicate.ASSEMBLY, Predicate.RESIDENTIAL, Predicate.NATURE}:
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
    for predicate, name in (
        (Predicate.ASSEMBLY, "assembly"),
        (Predicate.RESIDENTIAL, "a3_150"),
        (Predicate.NATURE, "natura2000"),
    ):
        for kind in ZoneKind:  # the law asks it wherever people stand, whoever drew it
            assert rule_of(made.zone(predicate=predicate, kind=kind)).name == name


@pytest.mark.parametrize(
    ("predicate", "eu_class", "category", "reason"),
    [
        (Predicate.RESIDENTIAL, EuClass.C3, 0, Reason.NEAR_HOMES),
        (Predicate.RESIDENTIAL, EuClass.C4, 0, Reason.NEAR_HOMES),
        (Predicate.RESIDENTIAL, EuClass.C3, SPECIFIC, Reason.NO_ZONE),
        (Predicate.RESIDENTIAL, EuClass.C1, 0, Reason.NO_ZONE),
        (Predicate.RESIDENTIAL, EuClass.C5, 0, Reason.NO_ZONE),
        (MAX_30, EuClass.C4, 0, Reason.CLASS_NOT_ALLOWED),
        (MAX_30, EuClass.C4, SPECIFIC, Reason.NO_ZONE),
        (MAX_30, EuClass.C2, 0, Reason.NO_ZONE),
    ],
)
def test_a_class_that_flies_in_a3_only(predicate: Predicate, eu_class: int, category: int, reason: Reason) -> None:
    zone = made.zone(predicate=predicate)
    finding = rule_of(zone).judge(Case(zone=zone, agl_m=20, sigma_m=1, eu_class=eu_class, eu_category=category))
    assert finding.reason is reason
    assert finding.value is (ALLOWED if reason is Reason.NO_ZONE else SUSPECTED)


def test_a_coarse_circle_is_said_to_be_one() -> None:
    zone = made.zone_set(made.feature(shape=made.circle(4.9, 52.3, 500))).zones[0]
    industry = replace(zone, predicate=Predicate.INDUSTRY)
    assert rule_of(industry).judge(Case(zone=industry)).evidence == {"circle_radius_m": 500.0}


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(rules.__path__)])
def test_every_rule_says_what_it_rests_on_and_cannot_know(name: str) -> None:
    module = importlib.import_module(f"geofences.rules.{name}")
    if name in {"case", "rule", "scene"}:
        return
    assert name == module.RULE
    assert module.VERSION
    assert module.ARTICLE or name in {"fence", "unmapped"}, "no law is known for these two"
    assert module.MARGIN
    said = " ".join((module.__doc__ or "").split())
    assert "Rests on:" in said
    assert "annot know:" in said or name == "unmapped"


def test_no_rule_gives_a_value_that_it_does_not_name() -> None:
    matches = (NONE, LATE, NAMELESS, MATCH, EXEMPT, NAMELESS_EXEMPT, GRACE)
    for predicate, kind, match, category, eu_class, agl_m in product(
        Predicate, ZoneKind, matches, (0, 1, 2), (0, 1, 4), (20.0, 200.0, float("nan"))
    ):
        zone = made.zone(predicate=predicate, kind=kind)
        case = Case(
            zone=zone, match=match, agl_m=agl_m, sigma_m=2.0, eu_category=category, eu_class=eu_class, uspace=True
        )
        rule = rule_of(zone)
        assert rule.judge(case).value in rule.values
        assert HEIGHT_120.judge(replace(case, zone=None)).value in HEIGHT_120.values


@pytest.mark.parametrize("level", [1, 2])
def test_no_rule_that_holds_everywhere_calls_it_a_violation(level: int) -> None:
    for watched, category in product(WATCHED, (0, 1, 2)):
        finding = watched.rule.judge(Case(zone=None, level=level, metres=1200.0, eu_category=category))
        assert finding.value in watched.rule.values
        assert finding.value is not VIOLATION
    for commercial, emergency in product(range(4), range(4)):
        case = Case(zone=None, flights=Flights(commercial=commercial, emergency=emergency), room=(2, 1))
        assert CAPACITY.judge(case).value is (SITUATION if commercial > 2 or emergency > 1 else ALLOWED)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [  # Amsterdam: civil twilight begins and ends at about 05:30 and 21:46 local time
        ("2026-05-01T03:24:00Z", True),
        ("2026-05-01T03:32:00Z", False),
        ("2026-05-01T12:00:00Z", False),
        ("2026-05-01T19:38:00Z", False),
        ("2026-05-01T19:47:00Z", True),
        ("2026-05-01T23:00:00Z", True),
    ],
)
def test_night_is_beyond_civil_twilight(moment: str, *, expected: bool) -> None:
    assert night.is_night(52.37, 4.90, epoch_s(moment)) is expected
    assert night.evidence(52.37, 4.90, epoch_s(moment)) == ({"night": True} if expected else {})
