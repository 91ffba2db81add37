"""The table of verdicts, flown."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from geofences import rules
from geofences.catalogue import Catalogue
from geofences.explanation import explain
from geofences.formats import ed269
from tests.geofences.verdicts.flying import ask, book_of, catalogue_of, fly, rows_of
from tests.geofences.verdicts.table import Case, cases

FEWEST = 150
RAISED = {"violation", "suspected", "situation", "not_decidable"}
OWN = [case for case in cases() if case.data == "table"]
REAL = [case for case in cases() if case.data == "nl"]
NO_VERDICT_OF_A_FLIGHT = {"night"}  # information on other verdicts
PASSED = {"left_zone", "on_the_ground", "zone_ended", "back_within_limit", "crossed_between_fixes", "notice_grace"}


def check(case: Case, catalogue: Catalogue) -> None:
    told = fly(case, catalogue)
    if case.expect == "nothing":
        assert [(each.value.value, each.reason.value, each.group) for each in told] == [], case.trace
        return
    assert told, f"nothing was told: {case.trace}"
    last = told[-1]
    assert (last.value.value, last.reason.value) == (case.expect, case.reason), case.trace
    if case.zone is not None:
        assert last.zone_id == case.zone, case.trace
    if case.told is not None:
        assert [f"{each.value.value} {each.reason.value}" for each in told] == list(case.told), case.trace


@pytest.mark.parametrize("case", [each for each in OWN if each.expect], ids=lambda case: case.id)
def test_the_judge(case: Case) -> None:
    check(case, catalogue_of(case))


@pytest.mark.parametrize("case", [each for each in OWN if each.point], ids=lambda case: case.id)
def test_the_place(case: Case) -> None:
    assert ask(case, catalogue_of(case))["open_category"]["answer"] == case.point, case.trace


@pytest.fixture(scope="module")
def netherlands(real_data: Path) -> Catalogue:
    file = real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json"
    return Catalogue([ed269.read(file.read_bytes(), file.name)])


@pytest.mark.parametrize("case", REAL, ids=lambda case: case.id)
def test_the_ministrys_own_zones(case: Case, netherlands: Catalogue) -> None:
    check(case, netherlands)
    if case.point is not None:
        assert ask(case, netherlands)["open_category"]["answer"] == case.point, case.trace


def explainable() -> Iterator[Case]:
    """Cases whose last row is judged as the flight is; what passing time or others make is no moment's answer."""
    for case in OWN:
        lasting = case.rule == "conformance" and case.reason == "contingent"
        if case.expect not in {None, "nothing"} and case.reason not in PASSED and not lasting and not case.fleet:
            yield case


@pytest.mark.parametrize("case", list(explainable()), ids=lambda case: case.id)
def test_the_explanation_says_what_the_judge_says(case: Case) -> None:
    catalogue, rows = catalogue_of(case), rows_of(case)
    last = fly(case, catalogue)[-1]
    row = rows.row(len(rows) - 1)
    told = explain(catalogue, book_of(case), row, row.logged_s, uspace=case.uspace)
    (rule,) = [
        each
        for each in told["rules"]
        if (each["rule"], each["group"], each["zone_id"]) == (last.rule, last.group, last.zone_id)
    ]
    assert (rule["verdict"], rule["reason"]) == (last.value.value, last.reason.value)
    assert rule["rule_version"] == last.rule_version


def files() -> Iterator[ModuleType]:
    """The files of ``geofences/rules`` that hold a rule."""
    for found in pkgutil.iter_modules(rules.__path__):
        module = importlib.import_module(f"{rules.__name__}.{found.name}")
        if hasattr(module, "RULE"):
            yield module


def test_the_table_is_large_and_each_case_is_its_own() -> None:
    assert len(OWN) >= FEWEST
    assert len({case.id for case in cases()}) == len(cases())
    assert all(case.trace and (case.expect or case.point) for case in cases())
    assert {case.rule for case in cases()} <= {module.RULE for module in files()}


@pytest.mark.parametrize("module", list(files()), ids=lambda module: module.RULE)
def test_every_rule_has_cases_that_raise_and_cases_that_do_not(module: ModuleType) -> None:
    if module.RULE in NO_VERDICT_OF_A_FLIGHT:
        assert not hasattr(module, "judge")
        return
    of_rule = [case for case in OWN if case.rule == module.RULE and case.expect]
    told: dict[bool, list[str]] = defaultdict(list)
    for case in of_rule:
        told[case.expect in RAISED].append(case.id)
    assert len(of_rule) >= 3
    assert told[False]
    assert told[True] or not RAISED & {value.value for value in module.VALUES}
