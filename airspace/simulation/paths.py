"""Flights: take-off, hover, straight legs, coordinated turns, climbs, descents, landing; all aircraft step by step.

Every aircraft is a point whose speed, turn and climb follow what its leg asks for, within what such an aircraft can do.
Limits are those of small aircraft in data sheets, rounded: a multirotor of the C1 to C3 classes (EU 2019/945 has 19 m/s
for C1), a fixed wing of a few kilograms. At the edge of the scene it turns back. Left out: wind, jerk, the stall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.simulation.fleet import Fleet
from airspace.simulation.settings import Settings

STEP_S: Final = 0.2
MAX_SPEED_M_S: Final = np.array([19.0, 28.0])  # multirotor, fixed wing
MAX_ACCELERATION_M_S2: Final = np.array([3.0, 3.0])  # along the way
MAX_SIDEWAYS_M_S2: Final = np.array([3.0, 5.6])  # in a turn; a fixed wing banked by 30 degrees
MAX_CLIMB_M_S: Final = np.array([5.0, 4.0])
MAX_SINK_M_S: Final = np.array([3.0, 3.0])
MAX_VERTICAL_M_S2: Final = np.array([2.5, 2.5])
MAX_TURN_RAD_S: Final = 1.0
_SPEED_M_S: Final = ((4.0, 16.0), (14.0, 26.0))  # of a leg
_HEIGHT_M: Final = ((20.0, 120.0), (50.0, 120.0))
_LEG_S: Final = (8.0, 30.0)
_HOVERS, _STRAIGHT, _TURNS = 0.2, 0.6, 1.0  # chances of a leg, added up; a fixed wing flies straight where others hover
_CHANGES_HEIGHT: Final = 0.4
_SLOW_M_S: Final = 3.0  # below this a turn is as quick as at this speed
_LEVEL_S: Final = 2.0  # a height is approached within so long
_STILL_M_S: Final = 0.1
_TOUCHING_M: Final = 0.2
_SETTLING_M_S: Final = 0.5
_EDGE: Final = 0.9  # of the radius: from here it turns back


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where everybody is at each step: arrays (aircraft, steps), metres east, north and above the ground."""

    east_m: Numbers
    north_m: Numbers
    height_m: Numbers
    east_m_s: Numbers
    north_m_s: Numbers
    up_m_s: Numbers
    airborne: Booleans

    def at(self, aircraft: Rows, at_s: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """East, north, height; linear between two steps (off by less than 3 cm in the sharpest turn)."""
        before, part = self._step(at_s)
        found = []
        for values in (self.east_m, self.north_m, self.height_m):
            first = values[aircraft, before]
            found.append(first + part * (values[aircraft, before + 1] - first))
        return found[0], found[1], found[2]

    def velocity(self, aircraft: Rows, at_s: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """East, north, up, in metres a second, of the step that it is in."""
        before, _ = self._step(at_s)
        index = (aircraft, before)
        return self.east_m_s[index], self.north_m_s[index], self.up_m_s[index]

    def flies(self, aircraft: Rows, at_s: Numbers) -> Booleans:
        """Whether it is in the air."""
        before, _ = self._step(at_s)
        airborne: Booleans = self.airborne[aircraft, before]
        return airborne

    def _step(self, at_s: Numbers) -> tuple[Rows, Numbers]:
        last = self.east_m.shape[1] - 2
        steps = np.clip(np.asarray(at_s) / STEP_S, 0.0, last + 1.0)
        before = np.minimum(steps.astype(np.intp), last)
        return before, steps - before


def fly(fleet: Fleet, settings: Settings, rng: np.random.Generator) -> Paths:
    """Everybody's way through the scene."""
    steps = round((settings.length_s + 1) / STEP_S) + 1
    legs = _Legs.drawn(fleet, settings.length_s + 1.0, steps, rng)
    state = _State(fleet, legs, rng)
    columns = [np.empty((steps, len(fleet))) for _ in range(6)]
    airborne = np.empty((steps, len(fleet)), dtype=np.bool_)
    for step in range(steps):
        velocity = state.move(step, settings.radius_m)
        for column, values in zip(columns, (state.east_m, state.north_m, state.height_m, *velocity), strict=True):
            column[step] = values
        airborne[step] = state.flies
        state.advance(velocity)
    east_m, north_m, height_m, east_m_s, north_m_s, up_m_s = (np.ascontiguousarray(one.T) for one in columns)
    paths = Paths(
        east_m=east_m,
        north_m=north_m,
        height_m=height_m,
        east_m_s=east_m_s,
        north_m_s=north_m_s,
        up_m_s=up_m_s,
        airborne=np.ascontiguousarray(airborne.T),
    )
    _relay(fleet, paths)
    return paths


def _relay(fleet: Fleet, paths: Paths) -> None:
    """A clone flies as its original does, elsewhere."""
    clones = np.flatnonzero(fleet.original >= 0)
    for column in (paths.height_m, paths.east_m_s, paths.north_m_s, paths.up_m_s, paths.airborne):
        column[clones] = column[fleet.original[clones]]
    paths.east_m[clones] = paths.east_m[fleet.original[clones]] + fleet.relay_east_m[clones, None]
    paths.north_m[clones] = paths.north_m[fleet.original[clones]] + fleet.relay_north_m[clones, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Legs:
    """What is asked of everybody at each step: arrays (steps, aircraft)."""

    speed_m_s: Numbers
    turn_rad_s: Numbers  # sign and share of the sharpest
    height_m: Numbers

    @classmethod
    def drawn(cls, fleet: Fleet, length_s: float, steps: int, rng: np.random.Generator) -> _Legs:
        """Legs of 8 to 30 seconds."""
        shape = (len(fleet), int(length_s / _LEG_S[0]) + 1)
        winged = fleet.winged.astype(np.intp)[:, None]
        low_m_s, high_m_s = np.array(_SPEED_M_S)[winged].transpose(2, 0, 1)
        low_m, high_m = np.array(_HEIGHT_M)[winged].transpose(2, 0, 1)
        chance = rng.random(shape)
        speed_m_s = low_m_s + (high_m_s - low_m_s) * rng.random(shape)
        speed_m_s = np.where((chance < _HOVERS) & (winged == 0), 0.0, speed_m_s)
        turn = np.where(chance >= _STRAIGHT, rng.uniform(0.2, 1.0, shape) * rng.choice((-1.0, 1.0), shape), 0.0)
        height_m = _held(low_m + (high_m - low_m) * rng.random(shape), rng.random(shape) < _CHANGES_HEIGHT)
        ends_s = np.cumsum(rng.uniform(*_LEG_S, shape), axis=1)
        leg = _leg_of_each_step(ends_s, steps)
        every = np.arange(len(fleet))
        return cls(speed_m_s=speed_m_s[every, leg], turn_rad_s=turn[every, leg], height_m=height_m[every, leg])


def _held(values: Numbers, changes: Booleans) -> Numbers:
    """Each leg's value, or that of the leg before where it does not change."""
    columns = np.arange(values.shape[1])
    last = np.maximum.accumulate(np.where(changes, columns, 0), axis=1)
    return np.take_along_axis(values, last, axis=1)


def _leg_of_each_step(ends_s: Numbers, steps: int) -> Rows:
    """(steps, aircraft): how many legs have ended by then."""
    at_s = np.arange(steps)[:, None] * STEP_S
    ended: Rows = np.zeros((steps, len(ends_s)), dtype=np.intp)
    for column in ends_s.T[:-1]:
        ended += at_s >= column
    return ended


class _State:
    """Where everybody is now, and how they move on."""

    def __init__(self, fleet: Fleet, legs: _Legs, rng: np.random.Generator) -> None:
        kind = fleet.winged.astype(np.intp)
        self._legs, self._kind, self._fleet = legs, kind, fleet
        self._acceleration, self._sideways = MAX_ACCELERATION_M_S2[kind] * STEP_S, MAX_SIDEWAYS_M_S2[kind]
        self._climbs, self._sinks = MAX_CLIMB_M_S[kind], MAX_SINK_M_S[kind]
        self._vertical = MAX_VERTICAL_M_S2[kind] * STEP_S
        flying = fleet.takeoff_s < 0.0
        self.east_m, self.north_m = fleet.east_m.copy(), fleet.north_m.copy()
        self.height_m = np.where(flying, legs.height_m[0], 0.0)
        self._heading = rng.uniform(0.0, 2.0 * np.pi, len(fleet))
        self._speed = np.where(flying, legs.speed_m_s[0], 0.0)
        self._climb = np.zeros(len(fleet))
        self._landed = np.zeros(len(fleet), dtype=np.bool_)
        self.flies: Booleans = flying

    def move(self, step: int, radius_m: float) -> tuple[Numbers, Numbers, Numbers]:
        """East, north and up speeds of this step."""
        fleet, legs, at_s = self._fleet, self._legs, step * STEP_S
        landing = at_s >= fleet.landing_s
        grounded = self.height_m <= 0.0
        self._landed |= landing & grounded & (self._speed < _STILL_M_S)
        self.flies = (at_s >= fleet.takeoff_s) & ~self._landed
        multirotor = ~fleet.winged
        rises = self.flies & ~landing
        low = multirotor & (self.height_m < 5.0)  # noqa: PLR2004 straight up to 5 m, then away
        stops = landing & (multirotor | grounded)
        asked = np.where(self.flies & ~stops & ~(low & rises), legs.speed_m_s[step], 0.0)
        self._speed += np.clip(asked - self._speed, -self._acceleration, self._acceleration)
        self._turn(legs.turn_rad_s[step] * self.flies, radius_m)
        self._change_height(np.where(landing, 0.0, legs.height_m[step]), landing, multirotor)
        climb = np.where(self.flies, self._climb, 0.0)
        return self._speed * np.sin(self._heading), self._speed * np.cos(self._heading), climb

    def advance(self, velocity: tuple[Numbers, Numbers, Numbers]) -> None:
        """To the next step."""
        self.east_m = self.east_m + velocity[0] * STEP_S
        self.north_m = self.north_m + velocity[1] * STEP_S
        self.height_m = np.maximum(0.0, self.height_m + velocity[2] * STEP_S)
        down = (self.height_m < _TOUCHING_M) & (self._climb < 0.0)
        self.height_m[down], self._climb[down] = 0.0, 0.0

    def _turn(self, asked: Numbers, radius_m: float) -> None:
        sharpest = np.minimum(MAX_TURN_RAD_S, self._sideways / np.maximum(self._speed, _SLOW_M_S))
        outside = np.hypot(self.east_m, self.north_m) > _EDGE * radius_m
        home = np.arctan2(-self.east_m, -self.north_m)
        off = np.mod(home - self._heading + np.pi, 2.0 * np.pi) - np.pi
        turn = np.where(outside, np.clip(off, -1.0, 1.0), asked) * sharpest
        self._heading = self._heading + turn * STEP_S

    def _change_height(self, asked_m: Numbers, landing: Booleans, multirotor: Booleans) -> None:
        asked = np.clip((asked_m - self.height_m) / _LEVEL_S, -self._sinks, self._climbs)
        asked = np.where(landing, np.minimum(asked, -_SETTLING_M_S), asked)
        waits = landing & multirotor & (self._speed > 1.0)
        grounded = landing & (self.height_m <= 0.0)
        asked = np.where(self.flies & ~waits & ~grounded, asked, 0.0)
        self._climb = self._climb + np.clip(asked - self._climb, -self._vertical, self._vertical)
