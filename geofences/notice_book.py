"""The notices in force, and the one that comes nearest to a flight.

A notice matches with identity and space and time and an approved or active state, never with less. Where none does,
the nearest is named with what is missing, so that an officer can say "a notice exists, but it starts at 21:00". A
drone's own notices come first; a notice of another drone counts only where it covers this place and time.

A flight is not outside for being within the accuracy of its own position or height of the edge. Left out: voided by a
TGB, capacity, the 95 % rule of F3548 (conformance is a matter of a whole flight).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import IdType, Numbers, Rows, Texts
from airspace.model.notice import VALID_STATES, Notice, NoticeVolume
from airspace.model.track import Booleans, TrackRow
from airspace.model.verdict import NoticeGap, Reason
from airspace.model.zone import Datum, Volume
from geofences.shapes import Shapes
from geofences.vertical import readings, undulation_m

NEAR_M: Final = 10_000.0  # an own notice farther away is another flight's
NEAR_S: Final = 86_400.0  # so is one more than a day away
HEIGHT_SIGMA_M: Final = 10.0  # where the height's own is not known
UNKNOWN_ACCURACY_M: Final = 30.0  # 95 % bound of a position that states none


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMatch:
    """How the nearest notice stands to a flight. ``exemptions`` are the zones that a matching notice names."""

    reason: Reason
    notice_id: str | None = None
    gap: NoticeGap | None = None
    starts_s: float | None = None
    notice: Notice | None = None

    @property
    def matches(self) -> bool:
        """Identity, space, time and state all fit."""
        return self.reason is Reason.NOTICE_MATCHES


NO_NOTICE: Final = NoticeMatch(reason=Reason.NO_NOTICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gaps:
    """What one volume of one notice lacks: 0 and None where it fits."""

    notice: Notice
    window: NoticeVolume
    place_m: float
    height_m: float
    time_s: float  # positive: starts later; negative: ended before
    state: str | None

    @property
    def failures(self) -> int:
        return (self.place_m > 0) + (self.height_m > 0) + (self.time_s != 0) + (self.state is not None)

    @property
    def order(self) -> tuple[float, float, float, float, str]:
        return self.failures, self.place_m, abs(self.time_s), self.height_m, self.notice.notice_id


class NoticeBook:
    """Notices with their volumes as one table; immutable, swapped as a whole."""

    def __init__(self, notices: Sequence[Notice] = ()) -> None:
        self.notices = tuple(notices)
        windows = [(row, window) for row, notice in enumerate(self.notices) for window in notice.volumes]
        self._notice: Rows = np.array([row for row, _ in windows], dtype=np.intp)
        self._windows = tuple(window for _, window in windows)
        self._shapes = Shapes([window.volume.shape for window in self._windows])
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
        own = np.array([each is not None and each.upper() in self._own for each in uas_id.tolist()], dtype=np.bool_)
        x, y = longitude_deg[:, None], latitude_deg[:, None]
        west, south, east, north = self._bounds.T
        return own | ((x >= west) & (x <= east) & (y >= south) & (y <= north)).any(axis=1)

    def nearest(
        self, track: TrackRow, agl_m: float, time_s: float, height_sigma_m: float = HEIGHT_SIGMA_M
    ) -> NoticeMatch:
        """How the notice that comes nearest stands to this flight."""
        serial = (track.uas_id or "").upper()
        own = self._own.get(serial, []) if serial else []
        if own:
            gaps = [gap for gap in self._gaps(own, track, agl_m, time_s, height_sigma_m) if _near(gap)]
            if gaps:
                return _own_match(min(gaps, key=lambda gap: gap.order))
        return self._others(track, agl_m, time_s, height_sigma_m, named=_names_itself(track))

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
        gaps = [gap for gap in self._gaps(rows.tolist(), track, agl_m, time_s, height_sigma_m) if not gap.failures]
        open_ones = [gap for gap in gaps if not named or not gap.notice.uas_serials]
        if open_ones:
            return _match(min(open_ones, key=lambda gap: gap.order), Reason.NOTICE_IDENTITY_MISSING, "missing")
        if gaps:
            return _match(min(gaps, key=lambda gap: gap.order), Reason.NOTICE_WRONG_IDENTITY, "different")
        return NO_NOTICE

    def _gaps(
        self, rows: list[int], track: TrackRow, agl_m: float, time_s: float, height_sigma_m: float
    ) -> list[_Gaps]:
        shape = np.array(rows, dtype=np.intp)
        here = np.full(len(rows), track.latitude_deg), np.full(len(rows), track.longitude_deg)
        outside_m = -self._shapes.margin_m(*here, shape)
        heights = _heights(track, agl_m)
        spare_m = sigma_m(track.horizontal_accuracy_m)
        return [
            self._gap(row, away if away > spare_m else 0.0, heights, time_s, height_sigma_m)
            for row, away in zip(rows, outside_m.tolist(), strict=True)
        ]

    def _gap(
        self, row: int, outside_m: float, heights: dict[Datum, tuple[float, ...]], time_s: float, sigma: float
    ) -> _Gaps:
        window, notice = self._windows[row], self.notices[self._notice[row]]
        off_m = _off_band_m(window.volume, heights)
        return _Gaps(
            notice=notice,
            window=window,
            place_m=outside_m,
            height_m=off_m if off_m > sigma else 0.0,
            time_s=_off_time_s(window, time_s),
            state=None if notice.state in VALID_STATES else notice.state.value,
        )


def _off_time_s(window: NoticeVolume, time_s: float) -> float:
    """Seconds until it starts, or negative since it ended; 0 within, the end excluded."""
    if time_s < window.start_s:
        return window.start_s - time_s
    return min(window.end_s - time_s, -1.0) if time_s >= window.end_s else 0.0


def sigma_m(horizontal_accuracy_m: float) -> float:
    """One standard deviation of a position from its 95 % bound; an unknown bound is taken as 30 m."""
    return (UNKNOWN_ACCURACY_M if math.isnan(horizontal_accuracy_m) else horizontal_accuracy_m) / 2.0


def _names_itself(track: TrackRow) -> bool:
    """Whether the drone gives a serial number; a session or UTM id names nobody."""
    return track.uas_id is not None and track.uas_id_type == IdType.SERIAL


def _near(gap: _Gaps) -> bool:
    return gap.place_m <= NEAR_M and abs(gap.time_s) <= NEAR_S


def _own_match(gap: _Gaps) -> NoticeMatch:
    if gap.place_m > 0:
        reason = Reason.NOTICE_WRONG_PLACE
    elif gap.time_s != 0:
        reason = Reason.NOTICE_WRONG_TIME
    elif gap.height_m > 0:
        reason = Reason.NOTICE_WRONG_HEIGHT
    elif gap.state is not None:
        reason = Reason.NOTICE_NOT_APPROVED
    else:
        reason = Reason.NOTICE_MATCHES
    return _match(gap, reason, None)


def _match(gap: _Gaps, reason: Reason, identity: str | None) -> NoticeMatch:
    metres = gap.place_m or gap.height_m
    lacks = NoticeGap(
        metres=metres or None, minutes=gap.time_s / 60.0 if gap.time_s else None, identity=identity, state=gap.state
    )
    return NoticeMatch(
        reason=reason,
        notice_id=gap.notice.notice_id,
        gap=None if reason is Reason.NOTICE_MATCHES else lacks,
        starts_s=gap.window.start_s,
        notice=gap.notice,
    )


def _heights(track: TrackRow, agl_m: float) -> dict[Datum, tuple[float, ...]]:
    """The flight's height in each datum as far as it is known; two readings for a limit of unknown datum."""
    if math.isnan(track.altitude_wgs84_m):
        return readings(agl_m, Datum.AGL, track.latitude_deg, track.longitude_deg)
    n_m = float(undulation_m(np.array([track.latitude_deg]), np.array([track.longitude_deg]))[0])
    sea_m = track.altitude_wgs84_m - n_m
    known = {
        Datum.AGL: agl_m if not math.isnan(agl_m) else sea_m,
        Datum.AMSL: sea_m,
        Datum.WGS84: track.altitude_wgs84_m,
    }
    return {datum: () if math.isnan(height) else (height,) for datum, height in known.items()}


def _off_band_m(volume: Volume, heights: dict[Datum, tuple[float, ...]]) -> float:
    """Metres above or below the band, 0 inside or where it cannot be said; of several readings the kindest."""
    low = _least_off(volume.lower_m, volume.lower_datum, heights, below=True)
    high = _least_off(volume.upper_m, volume.upper_datum, heights, below=False)
    return max(low, high)


def _least_off(limit_m: float | None, datum: Datum, heights: dict[Datum, tuple[float, ...]], *, below: bool) -> float:
    if limit_m is None or (below and limit_m <= 0 and datum is not Datum.WGS84):
        return 0.0
    read = [h for each in heights.values() for h in each] if datum is Datum.UNKNOWN else heights.get(datum, ())
    return min((max(0.0, limit_m - h if below else h - limit_m) for h in read), default=0.0)
