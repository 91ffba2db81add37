"""What tracking without identity is set to, in one frozen thing: the service takes the defaults.

Rules for whoever compares with another tracker (Blackman, Popoli: Design and Analysis of Modern Tracking Systems, 1999,
chapters 6 and 9; Bar-Shalom, Li, Kirubarajan 2001 for the filter):

    filter      constant velocity, white acceleration noise; a first fix has no speed and ``first_speed_sigma_m_s``
    gate        d2 within the chi-square of ``gate_probability``; a second fix is also no farther from the first than
                ``max_speed_m_s`` flies, plus the gate's sigmas of both
    association global nearest neighbour: first confirmed tracks, then tentative ones with what is left; what remains
                opens tentative tracks. A pair gains 2 ln(Pd / ((1 - Pd) clutter 2 pi)) - ln|S| - d2, and counts
                where it is in the gate and gains more than nothing; the sum of gains is as great as it can be
    look        a tick is a look at an emitter where it was heard since the tick before, or where a sensor that knows
                it said something else; a sensor that is silent does not look
    confirmed   at a look that is a hit and has ``hits_needed`` of them among the last ``of_looks``, once it is
                ``naming_s`` old and its sensors are sure enough (``confirmation.py``); it waits as long as it cannot
                be told from an older one (``twin_distance2``; 0: it never waits)
    dropped     a tentative one as soon as the looks left cannot make ``hits_needed``, or when it was last heard
                ``tentative_silent_s`` ago
    ended       one that was last heard ``silent_s`` ago, or whose 95 % ellipse is wider than ``widest_m`` to a side
                while no direction is left of it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from airspace.tracking.motion import ACCELERATION_NOISE_M2_S3, FIRST_SPEED_SIGMA_M_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The defaults suit small drones heard about once a second, to 5 to 100 m or by their direction."""

    acceleration_noise_m2_s3: float = ACCELERATION_NOISE_M2_S3  # as of tracks that have a name
    first_speed_sigma_m_s: float = FIRST_SPEED_SIGMA_M_S
    max_speed_m_s: float = 60.0  # between a first and a second fix (handbook remote-id 6: limit of a multirotor)
    gate_probability: float = 0.999  # that the fix of a track falls into its gate
    detection_probability: float = 0.9
    clutter_per_m2: float = 1e-7  # false fixes a square metre a scan: one in ten square kilometres
    hits_needed: int = 2  # M of N: one detection never makes an emitter (handbook remote-id 9.10)
    of_looks: int = 3  # at most 62
    # Remote ID says the place once a second and the rest every three at least (ASTM F3411-22a, EN 4709-002), and a name
    # is believed from its second message on: most have it after two seconds; three would cost silent drones another
    naming_s: float = 2.0
    twin_distance2: float = 9.49  # of place and speed together: 95 % of chi-square, four degrees of freedom
    silent_s: float = 30.0
    tentative_silent_s: float = 10.0
    widest_m: float = 3_000.0  # 95 % semi-axis beyond which a place is none any more; a fix is made up to 2,000 m
    late_s: float = 10.0  # a row this much older than the tick is explained or left: places do not go back so far
    frame_m: float = 20_000.0  # a track this far from its anchor gets a new one: 0.4 % of scale at 52 degrees
    max_emitters: int = 10_000  # with and without a place: memory stays bounded whatever sensors say
    max_waiting: int = 2_048  # rows between two ticks; a city's finders and radars make some hundred


DEFAULTS: Final = Settings()
