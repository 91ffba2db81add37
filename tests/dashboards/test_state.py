from __future__ import annotations

from typing import Any

import pytest

from dashboards.api.state import STATES, state_line


def alert(verdict: str, role: str = "none", state: str = "opened") -> dict[str, Any]:
    return {"verdict": verdict, "zone_role": role, "state": state}


UP, DOWN = {"ok": True}, {"ok": False}


@pytest.mark.parametrize(
    ("alerts", "sensors", "expected"),
    [
        ([], [UP], "clear"),
        ([], [UP, DOWN], "coverage_reduced"),
        ([alert("violation")], [UP], "watch"),
        ([alert("suspected")], [UP], "watch"),
        ([alert("not_decidable")], [UP], "clear"),
        ([alert("situation")], [UP], "clear"),  # a coverage alert of its own is not a drone
        ([alert("situation")], [DOWN], "coverage_reduced"),
        ([alert("violation", "ring"), alert("suspected")], [UP], "drone_near"),
        ([alert("situation", "ring")], [UP], "drone_near"),
        ([alert("violation", "ring"), alert("situation", "bowl")], [UP], "over_crowd"),
        ([alert("situation", "bowl")], [DOWN], "over_crowd"),  # the drone's state stays; the page shows its banner
        ([alert("not_decidable", "bowl")], [UP], "clear"),
        ([alert("violation", "bowl", "closed")], [UP], "clear"),
        ([alert("violation", "bowl", "acknowledged")], [UP], "over_crowd"),
    ],
)
def test_the_state_line(alerts: list[dict[str, Any]], sensors: list[dict[str, Any]], expected: str) -> None:
    assert state_line(alerts, sensors, 0) == expected
    assert expected in STATES


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([], "coverage_reduced"),
        ([alert("not_decidable")], "coverage_reduced"),
        ([alert("suspected")], "watch"),  # a drone that is seen matters more
        ([alert("situation", "bowl")], "over_crowd"),
    ],
)
def test_it_is_never_clear_while_the_picture_has_no_room(alerts: list[dict[str, Any]], expected: str) -> None:
    assert state_line(alerts, [UP], 1) == expected
