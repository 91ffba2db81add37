"""Drones that manoeuvre, for the tests of prediction: paths of one position a second, seeded.

Errands as they are flown: from place to place with stops, survey lines, orbits, filming close by. Speeds follow what is
commanded with a limited acceleration.
"""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Numbers

ACCELERATION_M_S2 = 2.5
STEP_S = 0.2


def path(rng: np.random.Generator, seconds: int) -> Numbers:
    """(seconds, 5): x, y (m), vx, vy (m/s), height (m), one row a second."""
    errand = rng.choice(["places", "survey", "orbit", "film"], p=[0.45, 0.2, 0.15, 0.2])
    legs = {"places": _places, "survey": _survey, "orbit": _orbit, "film": _film}[errand](rng, seconds)
    return _flown(legs, seconds, rng)


def _places(rng: np.random.Generator, seconds: int) -> list[tuple[Numbers, float, float]]:
    cruise, legs, here = rng.uniform(4, 15), [], np.zeros(2)
    for _ in range(seconds // 8):
        turn, away = rng.uniform(0, 2 * np.pi), rng.lognormal(np.log(250), 0.9)
        here = here + away * np.array([np.sin(turn), np.cos(turn)])
        legs.append((here, cruise * rng.uniform(0.6, 1.1), rng.choice([0.0, rng.exponential(25.0)])))
    return legs


def _survey(rng: np.random.Generator, seconds: int) -> list[tuple[Numbers, float, float]]:
    length, apart, speed, turn = rng.uniform(100, 500), rng.uniform(15, 40), rng.uniform(4, 12), rng.uniform(0, 6.3)
    along, across = np.array([np.sin(turn), np.cos(turn)]), np.array([np.cos(turn), -np.sin(turn)])
    places = [
        (line % 2 ^ end) * length * along + line * apart * across for line in range(seconds // 10) for end in (0, 1)
    ]
    return [(place, speed, 0.0) for place in places]


def _orbit(rng: np.random.Generator, seconds: int) -> list[tuple[Numbers, float, float]]:
    radius, speed, way = rng.uniform(25, 150), rng.uniform(2, 9), rng.choice([-1, 1])
    turns = way * np.arange(0, seconds * speed / radius, 0.1)
    return [(radius * np.array([np.sin(turn), np.cos(turn)]), speed, 0.0) for turn in turns]


def _film(rng: np.random.Generator, seconds: int) -> list[tuple[Numbers, float, float]]:
    return [(rng.normal(0, 40, 2), rng.uniform(1, 6), rng.exponential(20.0)) for _ in range(seconds // 5)]


def _flown(legs: list[tuple[Numbers, float, float]], seconds: int, rng: np.random.Generator) -> Numbers:
    """Toward each place at its speed, braking in time where a stop follows, then waiting."""
    place, velocity, height, climb_to = legs[0][0].copy(), np.zeros(2), rng.uniform(20, 110), 60.0
    rows, leg, wait_s = np.empty((seconds, 5)), 1, 0.0
    per = round(1 / STEP_S)
    for step in range(seconds * per):
        if step % per == 0:
            rows[step // per] = (*place, *velocity, height)
            if rng.random() < 0.01:
                climb_to = rng.uniform(20, 115)
        target, speed, stop_s = legs[min(leg, len(legs) - 1)]
        way = target - place
        far = float(np.hypot(*way))
        wanted = np.zeros(2)
        if wait_s > 0:
            wait_s -= STEP_S
        elif far < max(2.0, 0.3 * speed):
            leg, wait_s = leg + 1, stop_s
        else:
            limit = speed if stop_s == 0 else min(speed, np.sqrt(2 * ACCELERATION_M_S2 * far))
            wanted = way / far * limit
        change = wanted - velocity
        size = float(np.hypot(*change))
        velocity = velocity + change * min(1.0, ACCELERATION_M_S2 * STEP_S / max(size, 1e-9))
        place = place + velocity * STEP_S
        height += np.clip(climb_to - height, -3 * STEP_S, 3 * STEP_S)
    return rows


def winged(rng: np.random.Generator, seconds: int, least_radius_m: float, most_radius_m: float) -> Numbers:
    """(80, seconds, 5) as ``path``: at a constant speed, straight or in circles banked by 30 degrees at most."""
    n = 80
    speed, start = rng.uniform(14, 26, (n, 1)), rng.uniform(0, 2 * np.pi, (n, 1))
    straight = np.isinf(least_radius_m)
    radius = np.inf if straight else np.maximum(rng.uniform(least_radius_m, most_radius_m, (n, 1)), speed**2 / 5.6)
    heading = start + rng.choice([-1, 1], (n, 1)) * speed / radius * np.arange(seconds)
    vx, vy = speed * np.sin(heading), speed * np.cos(heading)
    x, y = (np.cumsum(one, axis=1) - one for one in (vx, vy))
    return np.stack((x, y, vx, vy, np.full((n, seconds), 80.0)), axis=-1)
