"""The judge's room for whole control zones: more announced flights at once than there is room for.

Counted at ticks, of flights that are heard: those that a notice allows, by kind, and the others beside them. The
verdict is about the group and names no drone.
"""

from __future__ import annotations

from collections.abc import Callable

from airspace.model.track import Tracks, TrackState
from airspace.model.verdict import BY_NOTICE, NOBODY, Verdict, VerdictValue
from geofences.judging.docket import Docket
from geofences.judging.standing import Phase, Standing
from geofences.judging.weighing import NO_HEIGHT, Matter, Weighed, verdict
from geofences.rules import CAPACITY, capacity
from geofences.rules.case import Case, Flights

Capacity = Callable[[str, float], tuple[int, int] | None]
"""(airspace group, time) to (commercial, emergency) flights at once; None where nobody has set it."""


class Crowding:
    """What was told of each group."""

    def __init__(self, docket: Docket, room: Capacity) -> None:
        self._docket = docket
        self._room = room
        self._told: dict[str, Flights] = {}

    def judge(self, live: Tracks, tick_s: float) -> list[Verdict]:
        """Groups that are, or are no longer, too full; told again when the count changes."""
        flights = self._count(live)
        at = NOBODY._replace(seq=int(live.seq.max(initial=0)), logged_s=tick_s)
        verdicts: list[Verdict] = []
        for group in sorted(flights.keys() | self._told.keys()):
            now = flights.get(group, Flights())
            finding = capacity.judge(Case(zone=None, flights=now, room=self._room(group, tick_s)))
            told = now if finding.value is VerdictValue.SITUATION else None
            if told == self._told.get(group):
                continue
            self._told.pop(group, None)
            if told is not None:
                self._told[group] = told
            matter = Matter(group=group, rule=CAPACITY, names=self._names(group))
            verdicts.append(verdict(Weighed(finding=finding), matter, at, NO_HEIGHT, tick_s, {}))
        return verdicts

    def _count(self, live: Tracks) -> dict[str, Flights]:
        """Flights in each group, of the tracks that are heard now."""
        heard = set(live.number[live.state == TrackState.CONFIRMED].tolist())
        missions = {notice.notice_id: notice.mission_type for notice in self._docket.in_force.book.notices}
        flights: dict[str, Flights] = {}
        for track, group, standing in self._docket.standings.all():
            if track in heard and standing.phase is not Phase.PENDING:
                flights[group] = _added(flights.get(group, Flights()), standing, missions)
        return flights

    def _names(self, group: str) -> tuple[str, str]:
        zones = self._docket.in_force.catalogue.zones
        named = ((zone.group_name_nl, zone.group_name_en) for zone in zones if zone.group == group)
        return next(named, (group, group))


def _added(flights: Flights, standing: Standing, missions: dict[str, str | None]) -> Flights:
    if standing.told is None or standing.told[1] not in BY_NOTICE:
        return Flights(commercial=flights.commercial, emergency=flights.emergency, unknown=flights.unknown + 1)
    emergency = capacity.is_emergency(missions.get(standing.told[2] or ""))
    return Flights(
        commercial=flights.commercial + (not emergency),
        emergency=flights.emergency + emergency,
        unknown=flights.unknown,
    )
