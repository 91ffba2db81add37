"""The notices in force, and the one that comes nearest to a flight.

A notice matches with identity and space and time and an approved or active state, never with less. Where none does,
the nearest is named with what is missing, so that an officer can say "a notice exists, but it starts at 21:00". A
drone's own notices come first; a notice of another drone counts only where it covers this place and time. A drone that
names no serial number where a notice covers place and time is neither allowed nor not: its identity is missing.

A notice that ended, expired or was cancelled gives the flight that it allowed ``GRACE_S`` to land, if it is still where
the notice had it (handbook, trap 13: the alert comes back after a grace time). A flight that it had not allowed gets
none. A flight is not outside for being within the accuracy of its own position or height of the edge.

Nobody is accused because of typing: a notice whose serial cannot be read, or is nearly that of this drone, may be its,
and so may one of which only the serial can be read. Nor because of what is not known here: ``doubt`` says when.

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

from airspace.model.detection import Numbers, Texts
from airspace.model.notice import VALID_STATES, Notice, NoticeVolume, UnreadNotice
from airspace.model.track import Booleans, TrackRow
from airspace.model.verdict import NoticeGap, Reason
from geofences.notices.fit import UNKNOWN_ACCURACY_M, Fit, band_m, drawn, fit, height_readings, sigma_m
from geofences.notices.lists import KNOWN, Doubt, Lists
from geofences.notices.serials import key
from geofences.notices.whose import UNREADABLE, WHOSE, names_itself, of_whom, spelled
from geofences.place.shapes import Shapes

__all__ = [
    "GRACE_S",
    "HEIGHT_SIGMA_M",
    "NO_NOTICE",
    "UNKNOWN_ACCURACY_M",
    "Doubt",
    "Lists",
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
    unread: UnreadNotice | None = None

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

    def __init__(
        self,
        notices: Sequence[Notice] = (),
        alias: Alias | None = None,
        *,
        unread: Sequence[UnreadNotice] = (),
        lists: Lists = KNOWN,
    ) -> None:
        self.notices = tuple(notices)
        self.unread = tuple(unread)
        self.lists = lists
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
                self._own.setdefault(spelled(serial), []).append(row)
        self._unread = {spelled(serial): one for one in self.unread for serial in one.uas_serials}

    def doubt(self, time_s: float) -> Doubt | None:
        """Why nobody can say that a flight has no notice; None where the notices of that time are known."""
        return self.lists.doubt_at(time_s)

    def touches(self, latitude_deg: Numbers, longitude_deg: Numbers, uas_id: Texts) -> Booleans:
        """Row by row, whether any notice could have a say: it names the drone, or lies about the place."""
        if not self._windows and not self._unread:
            return np.zeros(len(latitude_deg), dtype=np.bool_)
        own = np.array([bool(self._rows_of(each) or self._unread_of(each)) for each in uas_id.tolist()], dtype=np.bool_)
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
                if not match.matches:
                    match = _in_grace(fits, allowed_by, time_s) or match
                if match.matches:
                    return match
                return self._unread_match(track) or self._unread_here(track, agl_m, time_s, height_sigma_m) or match
        return self._unread_match(track) or self._others(track, agl_m, time_s, height_sigma_m)

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
        return [row for name in self._names_of(uas_id) for row in self._own.get(name, ())]

    def _names_of(self, uas_id: str) -> tuple[str, ...]:
        """How notices may name this drone: its serial as it is compared, and pseudonyms of it."""
        serial = key(uas_id)
        if self._alias is None:
            return (serial,)
        aliases = dict.fromkeys(self._alias(each) for each in (serial, uas_id.upper()))
        return (serial, *(alias for alias in aliases if alias is not None and alias != serial))

    def _unread_of(self, uas_id: str | None) -> UnreadNotice | None:
        if not uas_id or not self._unread:
            return None
        return next((self._unread[name] for name in self._names_of(uas_id) if name in self._unread), None)

    def _unread_match(self, track: TrackRow) -> NoticeMatch | None:
        """The drone has a notice, and nobody knows what it says."""
        one = self._unread_of(track.uas_id)
        if one is None:
            return None
        gap = NoticeGap(identity=UNREADABLE)
        return NoticeMatch(reason=Reason.NOTICE_UNREADABLE, notice_id=one.notice_id, gap=gap, unread=one)

    def _unread_here(self, track: TrackRow, agl_m: float, time_s: float, height_sigma_m: float) -> NoticeMatch | None:
        """A notice that covers place and time and whose drones cannot all be read may be its, beside its own."""
        match = self._others(track, agl_m, time_s, height_sigma_m)
        return match if match.reason is Reason.NOTICE_UNREADABLE else None

    def _of(self, row: int) -> Notice:
        return self.notices[self._notice[row]]

    def _others(self, track: TrackRow, agl_m: float, time_s: float, height_sigma_m: float) -> NoticeMatch:
        """Notices that cover place and time, of which only the identity is open, or another's."""
        rows = np.flatnonzero((self._start_s <= time_s) & (time_s < self._end_s))
        if not len(rows):
            return NO_NOTICE
        x, y = track.longitude_deg, track.latitude_deg
        west, south, east, north = self._bounds[rows].T
        rows = rows[(x >= west) & (x <= east) & (y >= south) & (y <= north)]
        fits = [each for each in self._fits(rows.tolist(), track, agl_m, time_s, height_sigma_m) if not each.failures]
        heard = track.uas_id if names_itself(track) else None
        reasons = [(of_whom(each.notice, heard), each) for each in fits]
        for reason, identity in WHOSE:
            of_it = [each for said, each in reasons if said is reason]
            if of_it:
                return _match(min(of_it, key=lambda each: each.order), reason, identity)
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
