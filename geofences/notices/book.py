"""The notices in force, and the one that comes nearest to a flight.

A notice matches with identity and space and time and an approved or active state, never with less. Where none does,
the nearest is named with what is missing, so that an officer can say "a notice exists, but it starts at 21:00". A
drone's own notices come first; a notice of another drone counts only where it covers this place and time. A drone that
names no serial number where a notice covers place and time is neither allowed nor not: its identity is missing.

A notice that ended, expired or was cancelled gives the flight that it allowed ``GRACE_S`` to land, if it is still where
the notice had it (handbook, trap 13: the alert comes back after a grace time). A flight that it had not allowed gets
none. A flight is not outside for being within the accuracy of its own position or height of the edge.

Stored notices may hold keyed pseudonyms in the place of serials; ``alias`` makes them of what a drone says, in memory.
Left out: what a TGB does to a notice that does not name it, capacity, and conformance, which is a matter of a whole
flight: ``own`` gives what these rules ask.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import IdType, Numbers, Texts
from airspace.model.notice import VALID_STATES, Notice, NoticeVolume
from airspace.model.track import Booleans, TrackRow
from airspace.model.verdict import NoticeGap, Reason
from geofences.notices.fit import UNKNOWN_ACCURACY_M, Fit, band_m, drawn, fit, height_readings, sigma_m
from geofences.place.shapes import Shapes

__all__ = [
    "GRACE_S",
    "HEIGHT_SIGMA_M",
    "NO_NOTICE",
    "UNKNOWN_ACCURACY_M",
    "NoticeBook",
    "NoticeMatch",
    "OwnNotice",
    "sigma_m",
]

NEAR_M: Final = 10_000.0  # an own notice farther away is another flight's
NEAR_S: Final = 86_400.0  # so is one more than a day away
HEIGHT_SIGMA_M: Final = 10.0  # where the height's own is not known
GRACE_S: Final = 120.0  # to come down from 120 m at 1-2 m/s and for the word to reach the pilot
_ALIASES_KEPT: Final = 4096

Alias = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMatch:
    """How the nearest notice stands to a flight. A match in grace has a gap that says what ended it, and when."""

    reason: Reason
    notice_id: str | None = None
    gap: NoticeGap | None = None
    starts_s: float | None = None
    notice: Notice | None = None

    @property
    def matches(self) -> bool:
        """Identity, space, time and state all fit, or did until a moment ago."""
        return self.reason in {Reason.NOTICE_MATCHES, Reason.NOTICE_GRACE}


NO_NOTICE: Final = NoticeMatch(reason=Reason.NO_NOTICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNotice:
    """A notice that names the drone and holds now, with its volume that fits best.

    Signed: outside is positive, inside negative. ``height_m`` is minus infinity where there is no limit to break, or no
    height to say it by.
    """

    notice: Notice
    window: NoticeVolume
    place_m: float
    height_m: float


class NoticeBook:
    """Notices with their volumes as one table; immutable, swapped as a whole."""

    def __init__(self, notices: Sequence[Notice] = (), alias: Alias | None = None) -> None:
        self.notices = tuple(notices)
        self._alias = None if alias is None else functools.lru_cache(_ALIASES_KEPT)(alias)
        windows = [(row, window) for row, notice in enumerate(self.notices) for window in notice.volumes]
        self._notice = [row for row, _ in windows]
        self._windows = tuple(window for _, window in windows)
        self._shapes = Shapes([drawn(window.volume.shape) for window in self._windows])
        self._start_s: Numbers = np.array([window.start_s for window in self._windows], dtype=np.float64)
        self._end_s: Numbers = np.array([window.end_s for window in self._windows], dtype=np.float64)
        self._bounds = self._shapes.bounds().reshape(-1, 4)
        self._own: dict[str, list[int]] = {}
        for row, (number, _) in enumerate(windows):
            for serial in self.notices[number].uas_serials:
                self._own.setdefault(serial, []).append(row)

    def touches(self, latitude_deg: Numbers, longitude_deg: Numbers, uas_id: Texts) -> Booleans:
        """Row by row, whether any notice could have a say: it names the drone, or lies about the place."""
        if not self._windows:
            return np.zeros(len(latitude_deg), dtype=np.bool_)
        own = np.array([bool(self._rows_of(each)) for each in uas_id.tolist()], dtype=np.bool_)
        x, y = longitude_deg[:, None], latitude_deg[:, None]
        west, south, east, north = self._bounds.T
        return own | ((x >= west) & (x <= east) & (y >= south) & (y <= north)).any(axis=1)

    def nearest(
        self,
        track: TrackRow,
        agl_m: float,
        time_s: float,
        height_sigma_m: float = HEIGHT_SIGMA_M,
        *,
        allowed_by: str | None = None,
    ) -> NoticeMatch:
        """How the notice that comes nearest stands to this flight; ``allowed_by`` is the id of what allowed it."""
        own = self._rows_of(track.uas_id)
        if own:
            fits = self._fits(own, track, agl_m, time_s, height_sigma_m)
            near = min((each for each in fits if _near(each)), key=lambda each: each.order, default=None)
            if near is not None:
                match = _own_match(near)
                return match if match.matches else _in_grace(fits, allowed_by, time_s) or match
        return self._others(track, agl_m, time_s, height_sigma_m, named=_names_itself(track))

    def own(self, track: TrackRow, time_s: float, agl_m: float = float("nan")) -> tuple[OwnNotice, ...]:
        """The approved and active notices that name this drone and hold now, inside or outside of them."""
        rows = [
            row
            for row in self._rows_of(track.uas_id)
            if self._start_s[row] <= time_s < self._end_s[row] and self._of(row).state in VALID_STATES
        ]
        heights = height_readings(track, agl_m)
        best: dict[str, OwnNotice] = {}
        for row, place_m in zip(rows, self._outside_m(rows, track), strict=True):
            height_m = band_m(self._windows[row].volume, heights)
            one = OwnNotice(notice=self._of(row), window=self._windows[row], place_m=place_m, height_m=height_m)
            before = best.get(one.notice.notice_id)
            if before is None or max(place_m, height_m) < max(before.place_m, before.height_m):
                best[one.notice.notice_id] = one
        return tuple(best.values())

    def _rows_of(self, uas_id: str | None) -> list[int]:
        """Volumes of the notices that name this drone, plainly or by pseudonym."""
        if not uas_id or not self._own:
            return []
        serial = uas_id.upper()
        rows = self._own.get(serial, [])
        alias = None if self._alias is None else self._alias(serial)
        return rows if alias is None or alias not in self._own else [*rows, *self._own[alias]]

    def _of(self, row: int) -> Notice:
        return self.notices[self._notice[row]]

    def _others(
        self, track: TrackRow, agl_m: float, time_s: float, height_sigma_m: float, *, named: bool
    ) -> NoticeMatch:
        """Notices that cover place and time, of which only the identity is open, or another's."""
        rows = np.flatnonzero((self._start_s <= time_s) & (time_s < self._end_s))
        if not len(rows):
            return NO_NOTICE
        x, y = track.longitude_deg, track.latitude_deg
        west, south, east, north = self._bounds[rows].T
        rows = rows[(x >= west) & (x <= east) & (y >= south) & (y <= north)]
        fits = [each for each in self._fits(rows.tolist(), track, agl_m, time_s, height_sigma_m) if not each.failures]
        open_ones = [each for each in fits if not named or not each.notice.uas_serials]
        if open_ones:
            return _match(min(open_ones, key=lambda each: each.order), Reason.NOTICE_IDENTITY_MISSING, "missing")
        if fits:
            return _match(min(fits, key=lambda each: each.order), Reason.NOTICE_WRONG_IDENTITY, "different")
        return NO_NOTICE

    def _fits(self, rows: list[int], track: TrackRow, agl_m: float, time_s: float, height_sigma_m: float) -> list[Fit]:
        heights = height_readings(track, agl_m)
        spare_m = sigma_m(track.horizontal_accuracy_m)
        return [
            fit(self._of(row), self._windows[row], away if away > spare_m else 0.0, heights, time_s, height_sigma_m)
            for row, away in zip(rows, self._outside_m(rows, track), strict=True)
        ]

    def _outside_m(self, rows: list[int], track: TrackRow) -> list[float]:
        here = np.full(len(rows), track.latitude_deg), np.full(len(rows), track.longitude_deg)
        margin_m = self._shapes.margin_m(*here, np.array(rows, dtype=np.intp))
        return [-each for each in margin_m.tolist()]


def _names_itself(track: TrackRow) -> bool:
    """Whether the drone gives a serial number; a session or UTM id names nobody."""
    return track.uas_id is not None and track.uas_id_type == IdType.SERIAL


def _near(each: Fit) -> bool:
    return each.place_m <= NEAR_M and abs(each.time_s) <= NEAR_S


def _in_grace(fits: Sequence[Fit], allowed_by: str | None, time_s: float) -> NoticeMatch | None:
    """A match with the notice that allowed the flight until a moment ago."""
    for each in sorted(fits, key=lambda each: each.order):
        since_s = each.since_over_s(time_s)
        there = each.place_m == 0 and each.height_m == 0 and each.time_s <= 0
        if each.notice.notice_id == allowed_by and there and 0 <= since_s < GRACE_S:
            gap = NoticeGap(minutes=-since_s / 60.0, state=each.notice.state.value)
            return NoticeMatch(
                reason=Reason.NOTICE_GRACE,
                notice_id=each.notice.notice_id,
                gap=gap,
                starts_s=each.window.start_s,
                notice=each.notice,
            )
    return None


def _own_match(each: Fit) -> NoticeMatch:
    if each.place_m > 0:
        reason = Reason.NOTICE_WRONG_PLACE
    elif each.time_s != 0:
        reason = Reason.NOTICE_WRONG_TIME
    elif each.height_m > 0:
        reason = Reason.NOTICE_WRONG_HEIGHT
    elif each.state is not None:
        reason = Reason.NOTICE_NOT_APPROVED
    else:
        reason = Reason.NOTICE_MATCHES
    return _match(each, reason, None)


def _match(each: Fit, reason: Reason, identity: str | None) -> NoticeMatch:
    metres = each.place_m or each.height_m
    lacks = NoticeGap(
        metres=metres or None, minutes=each.time_s / 60.0 if each.time_s else None, identity=identity, state=each.state
    )
    return NoticeMatch(
        reason=reason,
        notice_id=each.notice.notice_id,
        gap=None if reason is Reason.NOTICE_MATCHES else lacks,
        starts_s=each.window.start_s,
        notice=each.notice,
    )
