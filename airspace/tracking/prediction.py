"""Where a track may be up to two minutes from now: a place, and the ellipse that holds nine of ten.

A constant velocity under white acceleration noise (motion.py) is a filter's model for a second or two: drawn out to two
minutes it says kilometres, and holds everything. A drone comes to its place, turns, hovers: its velocity reverts. So an
integrated Ornstein-Uhlenbeck process (Millefiori, Braca, Bryan, Willett: Modeling vessel kinematics using a stochastic
mean-reverting process for long-term prediction, IEEE Trans. AES 52(5), 2016), here about standing still:

    dv = -v / T dt + s sqrt(2 / T) dW
    mean of the way    v T (1 - e^-u)                                  u = t / T
    its variance       s^2 T^2 (2u - 3 + 4 e^-u - e^-2u)               grows as t, not as t^3: speed is bounded by s

with one s along the track and one across it, as a drone brakes and turns back along its line more than it leaves it,
and both the greater the faster it flies: s^2 = hover^2 + (share * speed)^2.

A winged one cannot stand still: it turns this way and that and circles, which is such a process, or goes on over the
horizon, straight or in a wide curve. A row does not tell which, so its ellipse is that of the mixture of both, by the
first two moments (Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation, 2001, 1.4.16);
w is the weight of going on, G = v t the way then, M and V the mean and the variance above:

    mean of the way    w G + (1 - w) M
    its variance       (1 - w) V + w (1 - w) (G - M)^2 along the track, (1 - w) V + w (curve * G)^2 across it

The turn that the last two fixes and the course show was tried and left out: two fixes a second apart are mostly too
coarse for it, and the ellipses that held as many were no smaller.

Heights revert in the same way, with constants of their own, within the band that drones fly in. Left out: intent, wind,
terrain and whether there is power for two minutes. Rows are independent; unknown in, unknown out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers, Source, UaType
from airspace.model.geodesy import metres_per_degree
from airspace.model.track import Booleans, Tracks

MAX_AHEAD_S: Final = 120.0  # nothing is said beyond: no constant below was fitted there
HELD: Final = 0.90
_ELLIPSE_90: Final = -2.0 * np.log(1.0 - HELD)  # squared radius of a 90 % ellipse in standard deviations (chi2, 2 dof)
_ELLIPSE_95: Final = -2.0 * np.log(0.05)  # that of the ellipses of ``Tracks``


class _Habit(NamedTuple):
    """How a kind of aircraft manoeuvres."""

    reverts_s: Numbers | float  # T
    hover_m_s: Numbers | float  # s of an aircraft that stands
    along: Numbers | float  # what its speed adds to s, as a share of it
    across: Numbers | float
    goes_on: Numbers | float = 0.0  # w
    curve: Numbers | float = 0.0  # how far to the side one is that goes on, as a share of its way


# By maximum likelihood on seeds 0 to 39 of airspace/simulation (15 aircraft, 7 minutes), then s by 3 % so that the
# ellipses hold 90 % of those; measured on other seeds in tests/airspace/test_prediction.py.
_ROTOR: Final = _Habit(reverts_s=13.8, hover_m_s=6.2, along=0.31, across=0.28)
# Searched for: ellipses near the smallest that hold 90 % of each of these, the simulator's winged ones on those seeds,
# straight passes, circles of 60 to 300 m, of 300 to 2,000 m. One that hovers, as a hybrid may, hovers as a rotor does.
_WINGED: Final = _Habit(reverts_s=13.6, hover_m_s=6.2, along=0.605, across=0.605, goes_on=0.115, curve=0.64)
# Chosen, not fitted: nothing made up flies like them. Straight for minutes, or a turn of 3 degrees a second.
_CREWED: Final = _Habit(reverts_s=300.0, hover_m_s=3.0, along=0.25, across=0.6)
_CLIMB_REVERTS_S: Final = 10.0  # heights, on the same seeds
_CLIMB_M_S: Final = 1.6
_BAND_M: Final = 45.0  # a drone flies between the ground and 120 m, mostly: of its height no more is ever in doubt

_WINGED_TYPES: Final = np.isin(np.arange(16), [UaType.AEROPLANE, UaType.HYBRID_LIFT, UaType.GLIDER])  # by UaType
_SAYS_SPEED: Final = np.isin(np.arange(max(Source) + 1), [Source.REMOTE_ID, Source.DJI, Source.ADSB])  # by Source
_ADSB: Final = int(Source.ADSB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Arrays of shape (n,) for one time ahead, (n, k) for k of them; NaN where nothing can be said."""

    latitude_deg: Numbers
    longitude_deg: Numbers
    major_m: Numbers  # semi-axes of the ellipse that holds the aircraft with a probability of ``HELD``
    minor_m: Numbers
    deg: Numbers  # of the major axis, clockwise from true north, 0 <= deg < 180
    height_m: Numbers  # above what ``Tracks.height_m`` is
    altitude_wgs84_m: Numbers
    height_sigma_m: Numbers  # what the way adds, and the accuracy said, where one was; of either height


def predict(tracks: Tracks, ahead_s: Numbers | float) -> Prediction:
    """Each track so many seconds after the moment its row shows (``logged_s``); nothing beyond ``MAX_AHEAD_S``."""
    ahead = np.asarray(ahead_s, dtype=np.float64)[..., np.newaxis]  # k by n in here, turned at the end
    with np.errstate(invalid="ignore"):
        ahead = np.where((ahead >= 0.0) & (ahead <= MAX_AHEAD_S), ahead, np.nan)
        time_s = ahead + np.fmax(tracks.logged_s - tracks.fix_time_s, 0.0)
    speed = tracks.speed_m_s
    course_deg = np.where(speed == 0.0, 0.0, tracks.track_deg)  # one that stands has none, and needs none
    course = np.radians(np.where(np.isnan(tracks.latitude_deg), np.nan, course_deg))
    habit = _of_kind(_WINGED_TYPES[tracks.ua_type], tracks.source == _ADSB)
    # an aircraft that says its speed knows it: the filter's doubt is of the speeds that nobody says
    sigma_m_s = np.where(_SAYS_SPEED[tracks.source], 0.0, tracks.speed_sigma_m_s)
    forward_m, along_m2, across_m2 = _way(time_s, speed, sigma_m_s, habit)
    major_m, minor_m, deg = _ellipse(course, along_m2, across_m2, _fix_covariance(tracks))
    climb_m, height_m2 = _climb(time_s, tracks)
    north, east = metres_per_degree(tracks.latitude_deg)
    longitude_deg = tracks.longitude_deg + forward_m * np.sin(course) / east
    return Prediction(
        latitude_deg=(tracks.latitude_deg + forward_m * np.cos(course) / north).T,
        longitude_deg=((longitude_deg + 180.0) % 360.0 - 180.0).T,
        major_m=major_m.T,
        minor_m=minor_m.T,
        deg=deg.T,
        height_m=(tracks.height_m + climb_m).T,
        altitude_wgs84_m=(tracks.altitude_wgs84_m + climb_m).T,
        height_sigma_m=np.sqrt(height_m2).T,
    )


def _of_kind(winged: Booleans, crewed: Booleans) -> _Habit:
    """The habit of each track, as columns."""
    rows = zip(_CREWED, _WINGED, _ROTOR, strict=True)
    return _Habit(
        *(np.where(crewed, of_crewed, np.where(winged, of_winged, of_rotor)) for of_crewed, of_winged, of_rotor in rows)
    )


def _way(
    time_s: Numbers, speed_m_s: Numbers, sigma_m_s: Numbers | float, habit: _Habit
) -> tuple[Numbers, Numbers, Numbers]:
    """Mean of the way, and the variances of where it ends: along the track, across it."""
    lasting_s, spread_s2 = _reverting(time_s, habit.reverts_s)
    goes_on, turns = habit.goes_on, 1.0 - habit.goes_on
    mean_s = goes_on * time_s + turns * lasting_s
    doubt_m2 = (np.nan_to_num(sigma_m_s) * mean_s) ** 2  # unknown: the habit's own spread is what there is
    apart_m, aside_m = speed_m_s * (time_s - lasting_s), habit.curve * speed_m_s * time_s
    along_m2 = spread_s2 * (habit.hover_m_s**2 + (habit.along * speed_m_s) ** 2) + goes_on * apart_m**2
    across_m2 = spread_s2 * (habit.hover_m_s**2 + (habit.across * speed_m_s) ** 2)
    return speed_m_s * mean_s, doubt_m2 + turns * along_m2, doubt_m2 + turns * across_m2 + goes_on * aside_m**2


def _reverting(time_s: Numbers, reverts_s: Numbers | float) -> tuple[Numbers, Numbers]:
    """Of a process that reverts: the mean of the way for a speed of 1 m/s, and its variance for s = 1 m/s."""
    u = time_s / reverts_s
    gone = np.exp(-u)
    spread_s2 = reverts_s * reverts_s * (2.0 * u - 3.0 + 4.0 * gone - gone * gone)
    return reverts_s * (1.0 - gone), np.maximum(spread_s2, 0.0)


def _climb(time_s: Numbers, tracks: Tracks) -> tuple[Numbers, Numbers]:
    """Mean change of height, and variance of the height then. Where nothing says that it climbs, it flies level."""
    lasting_s, spread_s2 = _reverting(time_s, _CLIMB_REVERTS_S)
    climb_m = np.nan_to_num(tracks.vertical_speed_m_s) * lasting_s
    spread_m2 = spread_s2 * _CLIMB_M_S**2
    band_m2 = np.where(tracks.source == _ADSB, np.inf, _BAND_M**2)
    said_m = np.nan_to_num(tracks.vertical_accuracy_m / 2.0)
    return climb_m, spread_m2 / (1.0 + spread_m2 / band_m2) + said_m * said_m


def _fix_covariance(tracks: Tracks) -> tuple[Numbers, Numbers, Numbers]:
    """(east-east, north-north, east-north) of the last fix: the ellipse of an RF position, else a circle."""
    sigma_m = np.fmax(tracks.position_sigma_m, tracks.horizontal_accuracy_m / 2.0)
    drawn = ~np.isnan(tracks.ellipse_major_m)
    major2 = np.where(drawn, tracks.ellipse_major_m**2 / _ELLIPSE_95, sigma_m**2)
    minor2 = np.where(drawn, tracks.ellipse_minor_m**2 / _ELLIPSE_95, sigma_m**2)
    return _turned(np.radians(np.where(drawn, tracks.ellipse_deg, 0.0)), major2, minor2)


def _turned(axis: Numbers, along2: Numbers, across2: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Variances along an axis (clockwise from north) and across it, as (east-east, north-north, east-north)."""
    sine, cosine = np.sin(axis), np.cos(axis)
    return (
        along2 * sine**2 + across2 * cosine**2,
        along2 * cosine**2 + across2 * sine**2,
        (along2 - across2) * sine * cosine,
    )


def _ellipse(
    course: Numbers, along2: Numbers, across2: Numbers, fix: tuple[Numbers, Numbers, Numbers]
) -> tuple[Numbers, Numbers, Numbers]:
    """Semi-axes and direction of the 90 % ellipse of the way and the fix together."""
    east2, north2, both = (way + of_fix for way, of_fix in zip(_turned(course, along2, across2), fix, strict=True))
    middle, apart = (north2 + east2) / 2.0, np.hypot((north2 - east2) / 2.0, both)
    deg = np.degrees(np.arctan2(2.0 * both, north2 - east2)) / 2.0 % 180.0
    return np.sqrt(_ELLIPSE_90 * (middle + apart)), np.sqrt(_ELLIPSE_90 * np.maximum(middle - apart, 0.0)), deg
