"""What is asked of a zone's outline is asked of a notice's, when it is entered: whether its place can be meant.

Latitude and longitude swapped, or a place at a pole, refuse a notice. What is odd only is told by id, for its owner to
look at; the notice is used as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from airspace.model.geodesy import WGS84
from airspace.model.notice import Notice, NoticeVolume
from airspace.model.units import rfc3339
from airspace.model.zone import Circle, Oddity
from geofences.formats.limits import check_place, is_elsewhere

DAY_S: Final = 86_400.0
LONGEST_S: Final = 366 * DAY_S
WIDEST_M: Final = 50_000.0  # of a circle's radius: beyond any flight that is watched here
HIGHEST_M: Final = 3_000.0


def meant(notice: Notice) -> Notice:
    """The notice; ValueError where one of its volumes cannot lie where it says."""
    for number, window in enumerate(notice.volumes):
        check_place(window.volume.shape, f"volumes[{number}]")
    return notice


def of(notices: Sequence[Notice]) -> Iterator[Oddity]:
    """What each notice alone lets one doubt."""
    for notice in notices:
        odd = [what for window in notice.volumes if (what := _odd(window)) is not None]
        every = len(odd) == len(notice.volumes)
        for what in dict.fromkeys(odd):
            told = f"{what}: no volume of it is sound" if every else what
            yield Oddity(place=f"notice {notice.notice_id}", what=told)


def over(notices: Sequence[Notice], now_s: float) -> Oddity | None:
    """Where nothing of a list is in force any more."""
    if not notices or any(notice.end_s > now_s for notice in notices):
        return None
    last = max(notice.end_s for notice in notices)
    return Oddity(place=f"{len(notices)} notices", what=f"all are over, since {rfc3339(last)}: bring the present list")


def far(notices: Sequence[Notice], latitude_deg: float, longitude_deg: float, most_m: float) -> tuple[Notice, ...]:
    """Those of which no volume lies within a distance of a place."""
    return tuple(
        notice
        for notice in notices
        if all(_away_m(window, latitude_deg, longitude_deg) > most_m for window in notice.volumes)
    )


def _odd(window: NoticeVolume) -> str | None:
    shape, volume = window.volume.shape, window.volume
    if is_elsewhere(shape):
        return "it lies in no state that is known here: are latitude and longitude right?"
    if isinstance(shape, Circle) and shape.radius_m > WIDEST_M:
        return f"its radius is {shape.radius_m / 1000:.0f} km: are the units right?"
    if window.end_s - window.start_s > LONGEST_S:
        return f"it lasts {(window.end_s - window.start_s) / DAY_S:.0f} days: is the year right?"
    if volume.lower_m is not None and volume.lower_m > HIGHEST_M:
        return f"it begins at {volume.lower_m:.0f} m: are the units right?"
    return None


def _away_m(window: NoticeVolume, latitude_deg: float, longitude_deg: float) -> float:
    """Metres from the shape's nearest corner, or its circle's edge."""
    shape = window.volume.shape
    if isinstance(shape, Circle):
        _, _, away_m = WGS84.inv(longitude_deg, latitude_deg, shape.longitude_deg, shape.latitude_deg)
        return float(away_m) - shape.radius_m
    x, y = zip(*shape.rings[0], strict=True)
    if min(x) <= longitude_deg <= max(x) and min(y) <= latitude_deg <= max(y):
        return 0.0
    _, _, away_m = WGS84.inv([longitude_deg] * len(x), [latitude_deg] * len(y), x, y)
    return float(min(away_m))
