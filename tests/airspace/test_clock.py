"""Steady time: whatever is done to the machine's clock, seconds pass like seconds and never go back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.service.clock import CONFIRM_S, SteadyClock


class World:
    def __init__(self) -> None:
        self.wall_s, self.monotonic_s = 1_000_000.0, 50.0
        self.clock = SteadyClock(lambda: self.wall_s, lambda: self.monotonic_s)

    def passes(self, seconds: float) -> float:
        self.wall_s += seconds
        self.monotonic_s += seconds
        return self.clock()


def test_it_is_the_machines_clock_while_that_only_drifts() -> None:
    world = World()
    assert world.passes(10) == 1_000_010
    world.wall_s += 0.4
    assert world.passes(10) == pytest.approx(1_000_020.4)
    assert world.clock.offset_s == pytest.approx(0)


@pytest.mark.parametrize("step_s", [-3600.0, -86_400.0, -2.0])
def test_a_step_back_is_not_followed_and_told(step_s: float) -> None:
    world = World()
    world.wall_s += step_s
    assert world.passes(100) == 1_000_100
    assert world.clock.offset_s == pytest.approx(step_s)
    world.wall_s -= step_s  # set right again
    assert world.passes(1) == 1_000_101
    assert world.clock.offset_s == pytest.approx(0)


def test_a_step_forward_and_back_within_seconds_moves_nothing() -> None:
    world = World()
    world.wall_s += 86_400
    assert world.passes(CONFIRM_S - 1) == 1_000_000 + CONFIRM_S - 1
    world.wall_s -= 86_400
    assert world.passes(1) == 1_000_000 + CONFIRM_S


def test_a_step_forward_that_lasts_is_believed() -> None:
    world = World()
    world.wall_s += 3600
    world.clock()
    assert world.passes(CONFIRM_S) == 1_003_600 + CONFIRM_S
    assert world.clock.offset_s == 0


def test_it_goes_on_from_where_an_earlier_run_was() -> None:
    world = World()
    world.clock.not_before(1_000_020.0)
    assert world.passes(10) == 1_000_030
    assert world.clock.offset_s == pytest.approx(-20)
    world.clock.not_before(1_000_000.0)
    assert world.passes(10) == 1_000_040


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(-1e5, 1e5)), max_size=30))
def test_it_never_goes_back_and_never_stands(steps: list[tuple[float, float]]) -> None:
    world = World()
    before_s = world.clock()
    for passed_s, step_s in steps:
        world.wall_s += step_s
        now_s = world.passes(passed_s)
        assert now_s >= before_s + passed_s - 1.1
        before_s = now_s
