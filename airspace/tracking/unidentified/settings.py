"""What the tracker of the unidentified is set to, in one frozen thing.

Rules for whoever compares with another tracker (Blackman, Popoli: Design and Analysis of Modern Tracking Systems, 1999,
chapters 6 and 9; Bar-Shalom, Li, Kirubarajan 2001 for the filter):

    filter      constant velocity, white acceleration noise; a first fix has no speed and ``first_speed_sigma_m_s``
    gate        d2 within the chi-square of ``gate_probability``; a second fix is also no farther from the first than
                ``max_speed_m_s`` flies, plus the gate's sigmas of both
    association global nearest neighbour: first confirmed tracks, then tentative ones with what is left; what remains
                opens tentative tracks. A pair gains 2 ln(Pd / ((1 - Pd) clutter 2 pi)) - ln|S| - d2, and counts
                where it is in the gate and gains more than nothing; the sum of gains is as great as it can be
    confirmed   at the hit that makes ``hits_needed`` slots with a hit within ``of_slots`` slots of ``slot_s``, the
                first of them that of the opening; slots are counted from the opening and reach half a slot to either
                side. It waits as long as it cannot be told from an older track (``twin_distance2``; 0: it never waits)
    dropped     a tentative track as soon as the slots left, with the present one, cannot make ``hits_needed``
    deleted     a track when it was not heard for more than ``silent_s``, or when the longer axis of its place, as
                predicted to now, has a standard deviation above ``widest_sigma_m``
"""

from __future__ import annotations

from dataclasses import dataclass

from airspace.tracking.motion import ACCELERATION_NOISE_M2_S3, FIRST_SPEED_SIGMA_M_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The defaults suit small drones seen about once a second at 5 to 100 m."""

    acceleration_noise_m2_s3: float = ACCELERATION_NOISE_M2_S3  # as of tracks that have a name
    first_speed_sigma_m_s: float = FIRST_SPEED_SIGMA_M_S
    max_speed_m_s: float = 60.0  # between a first and a second fix (handbook remote-id 6: limit of a multirotor)
    gate_probability: float = 0.999  # that the fix of a track falls into its gate
    detection_probability: float = 0.9
    clutter_per_m2: float = 1e-7  # false fixes a square metre a scan: one in ten square kilometres
    slot_s: float = 1.0  # the least time after which a second hit is news
    hits_needed: int = 3  # M
    of_slots: int = 5  # N, at most 62
    twin_distance2: float = 9.49  # of place and speed together: 95 % of chi-square, four degrees of freedom
    silent_s: float = 15.0
    widest_sigma_m: float = 1000.0  # a place known no better is none
    late_s: float = 5.0  # an older scan than the newest by more is not worked (design: message time counts to 5 s)
    frame_m: float = 20_000.0  # a track this far from its anchor gets a new one: 0.4 % of scale at 52 degrees
    max_tracks: int = 20_000  # tentative ones too
