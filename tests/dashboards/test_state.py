from __future__ import annotations

from typing import Any

import pytest

from airspace.model.standing import Standing
from airspace.model.verdict import VerdictValue
from airspace.model.zone import ZoneRole
from dashboards.api.state import STATES, state_line


def drone(verdict: str, role: str = "none", *, doubted: bool = False) -> Standing:
    return Standing("T-1", VerdictValue(verdict), ZoneRole(role), doubted)


UP, DOWN = {"ok": True}, {"ok": False}


@pytest.mark.parametrize(
    ("drones", "sensors", "expected"),
    [
        ([], [UP], "clear"),
        ([], [UP, DOWN], "coverage_reduced"),
        ([drone("violation")], [UP], "watch"),
        ([drone("suspected")], [UP], "watch"),
        ([drone("not_decidable")], [UP], "watch"),  # nobody can say that it may be there
        ([drone("situation")], [UP], "watch"),  # an emergency, a plan that is broken
        ([drone("not_decidable")], [DOWN], "watch"),
        ([drone("violation", "ring"), drone("suspected")], [UP], "drone_near"),
        ([drone("situation", "ring")], [UP], "drone_near"),
        ([drone("violation", "ring"), drone("situation", "bowl")], [UP], "over_crowd"),
        ([drone("situation", "bowl")], [DOWN], "over_crowd"),  # the drone's state stays; the page shows its banner
        ([drone("not_decidable", "bowl")], [UP], "over_crowd"),
        ([drone("not_decidable", "bowl", doubted=True)], [UP], "watch"),  # where it is is only said
        ([drone("suspected", "bowl", doubted=True)], [UP], "over_crowd"),
    ],
)
def test_the_state_line(drones: list[Standing], sensors: list[dict[str, Any]], expected: str) -> None:
    assert state_line(drones, sensors, 0, 0.4) == expected
    assert expected in STATES


@pytest.mark.parametrize(
    ("drones", "expected"),
    [
        ([], "coverage_reduced"),
        ([drone("suspected")], "watch"),  # a drone that is seen matters more
        ([drone("situation", "bowl")], "over_crowd"),
    ],
)
def test_it_is_never_clear_while_the_picture_has_no_room(drones: list[Standing], expected: str) -> None:
    assert state_line(drones, [UP], 1, 0.4) == expected


@pytest.mark.parametrize("drones", [[], [drone("violation", "bowl")]])
@pytest.mark.parametrize(("age_s", "live"), [(None, False), (0.0, True), (5.0, True), (5.1, False), (3600.0, False)])
def test_nothing_is_said_of_a_picture_that_stands_still(
    drones: list[Standing], age_s: float | None, *, live: bool
) -> None:
    assert (state_line(drones, [UP], 0, age_s) != "no_live_data") is live
