"""How each live track stands in each airspace group, from the verdicts as they come; people have no part in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Source, Status
from airspace.model.standing import Standing
from airspace.model.track import Tracks, TrackState
from airspace.model.verdict import BY_NOTICE, NOTHING_STANDS, RANK, Kind, Verdict, VerdictValue
from airspace.model.zone import ROLES, ZoneKind, ZoneRole

_LAW: Final = frozenset({VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.NOT_DECIDABLE})
_CONDUCT: Final = frozenset({Kind.SIGHT, Kind.REMOTE_ID, Kind.CONFORMANCE})  # how it flies, not where


class _Said(NamedTuple):
    """What one group says of one track."""

    kind: Kind
    value: VerdictValue
    notice_id: str | None
    allowed_by_notice: bool
    fence: bool
    role: ZoneRole


class Standings:
    """By track number; a track that ends, or of which nothing stands any more, is forgotten."""

    def __init__(self) -> None:
        self._said: dict[int, dict[tuple[str, Kind], _Said]] = {}

    def take(self, verdicts: Iterable[Verdict]) -> None:
        """The latest verdict of each group and kind counts."""
        for verdict in verdicts:
            said = self._said.setdefault(verdict.track.number, {})
            if verdict.reason in NOTHING_STANDS:
                said.pop((verdict.group, verdict.kind), None)
            else:
                said[verdict.group, verdict.kind] = _Said(
                    kind=verdict.kind,
                    value=verdict.value,
                    notice_id=verdict.notice_id,
                    allowed_by_notice=verdict.value is VerdictValue.ALLOWED and verdict.reason in BY_NOTICE,
                    fence=verdict.zone_kind is ZoneKind.ALERT_ONLY,
                    role=verdict.zone_role,
                )

    def keep(self, live: Tracks) -> None:
        """Forget all that is not live."""
        self._said = {number: self._said[number] for number in live.number.tolist() if self._said.get(number)}

    def strongest(self, number: int) -> VerdictValue | None:
        """Of all that is said of a track; None where nothing is."""
        said = self._said.get(number, {}).values()
        return max((one.value for one in said), key=RANK.__getitem__, default=None)

    def notice(self, number: int) -> str | None:
        """The notice that allows it, or is nearest."""
        said = self._said.get(number, {}).values()
        return next((one.notice_id for one in said if one.notice_id is not None), None)

    def against(self, live: Tracks) -> list[Standing]:
        """The live drones that are not known to be allowed where they are, in the order of the table."""
        doubted = live.suspect & (live.state == TrackState.CONFIRMED)
        emergency = live.status == Status.EMERGENCY
        spoken_of = np.isin(live.number, list(self._said)) | doubted | emergency
        spoken_of &= (live.state != TrackState.TENTATIVE) & (live.source != Source.ADSB)
        found = []
        for row in np.flatnonzero(spoken_of).tolist():
            said = list(self._said.get(int(live.number[row]), {}).values())
            values = _objections(said, airborne=bool(live.airborne[row]))
            if doubted[row]:
                values.append(VerdictValue.NOT_DECIDABLE)
            if emergency[row]:
                values.append(VerdictValue.SITUATION)
            if values:
                value = max(values, key=RANK.__getitem__)
                found.append(Standing(live.track_id[row], value, _role(said), bool(live.suspect[row])))
        return found


def _objections(said: list[_Said], *, airborne: bool) -> list[VerdictValue]:
    """What is not right, or cannot be said to be. A fence alone says nothing of a drone that a notice allows."""
    noticed = any(one.allowed_by_notice for one in said)
    values = [one.value for one in said if not one.fence and _objects(one, noticed=noticed, airborne=airborne)]
    if not values and not noticed:
        values = [one.value for one in said if one.fence and one.value is not VerdictValue.ALLOWED]
    return values


def _objects(one: _Said, *, noticed: bool, airborne: bool) -> bool:
    if one.kind not in _CONDUCT:
        return one.value in _LAW
    if not airborne or (noticed and one.kind is Kind.SIGHT):  # a notice may be one to fly out of sight
        return False
    return one.value not in {VerdictValue.ALLOWED, VerdictValue.NOT_DECIDABLE}


def _role(said: list[_Said]) -> ZoneRole:
    roles = (one.role for one in said if one.fence and one.value is not VerdictValue.ALLOWED)
    return max(roles, key=ROLES.index, default=ZoneRole.NONE)
