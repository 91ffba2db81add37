"""Changes of the picture to verdicts that changed. Deterministic: any cutting of the log gives the same verdicts.

Four rooms: rows (rows.py: entering and leaving zones, the height that holds everywhere), ticks (ticks.py: what changes
while a drone stands still), the watch (watch.py: rules that hold everywhere, tick by tick), crowding (crowding.py: how
many flights a control zone takes). Tracks that end are taken out of all of them here.

Cannot be told from a track and is left to the tracker: rows of test transmitters, and what counts as on the ground.
"""

from __future__ import annotations

from typing import Final

from airspace.model.track import Changes, TrackEvent, TrackEventKind, Tracks
from airspace.model.verdict import Reason, Verdict
from geofences.catalogue import Catalogue
from geofences.heights.vertical import MESSAGES_ALONE, Levels
from geofences.judging.crowding import Capacity, Crowding
from geofences.judging.docket import Docket, ended
from geofences.judging.in_force import InForce
from geofences.judging.rows import judge_rows
from geofences.judging.ticks import Ticks
from geofences.judging.watch import Watch
from geofences.notices.book import NoticeBook

_ENDINGS: Final = {TrackEventKind.ENDED: Reason.TRACK_ENDED, TrackEventKind.MERGED: Reason.TRACK_MERGED}


class Judge:
    """Zones and notices against tracks; keeps how each track stands to each airspace group.

    ``capacity`` says how many (commercial, emergency) flights a group takes at a time; None where nobody has set it.
    ``uspace`` puts the rules of U-space airspace in force where zones name it: off, as the Netherlands has none.
    ``levels`` is what heights rest on beside the messages.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        notices: NoticeBook,
        *,
        capacity: Capacity | None = None,
        uspace: bool = False,
        levels: Levels = MESSAGES_ALONE,
    ) -> None:
        self._docket = Docket(in_force=InForce(catalogue=catalogue, book=notices, uspace=uspace, levels=levels))
        self._standings = self._docket.standings
        self._standings.set_groups(self._docket.in_force.groups)
        self._ticks = Ticks(self._docket)
        self._watch = Watch(self._docket)
        self._crowding = None if capacity is None else Crowding(self._docket, capacity)

    def replace_zones(self, catalogue: Catalogue) -> None:
        """Put other zones in force; tracks inside something are weighed anew at the next tick."""
        self._docket.in_force = self._docket.in_force.with_zones(catalogue)
        self._standings.set_groups(self._docket.in_force.groups)

    def replace_notices(self, book: NoticeBook) -> None:
        """Put other notices in force, with effect from the next tick."""
        self._docket.in_force = self._docket.in_force.with_notices(book)

    def judge(self, changes: Changes) -> tuple[Verdict, ...]:
        """Verdicts that changed, in log order: rows and what they ended, then the tick."""
        rows = changes.rows
        start_s = float(rows.logged_s[0]) if len(rows) else changes.tick_s
        if start_s is not None:
            self._docket.in_force = self._docket.in_force.from_time(start_s)
        verdicts = judge_rows(self._docket, rows)
        at_tick: list[Verdict] = []
        for event in changes.events:
            by_tick = event.kind is TrackEventKind.ENDED and changes.tick_s is not None
            ended_at_tick = by_tick and event.logged_s >= (changes.tick_s or 0.0)
            (at_tick if ended_at_tick else verdicts).extend(self._event(event))
        if changes.live is not None:
            at_tick.extend(self._tick(changes.live, changes.tick_s))
        return (*sorted(verdicts, key=_order), *sorted(at_tick, key=_order))

    def _tick(self, live: Tracks, tick_s: float | None) -> list[Verdict]:
        verdicts = self._ticks.judge(live)
        verdicts += self._watch.judge(live)
        if tick_s is not None:
            if self._crowding is not None:
                verdicts += self._crowding.judge(live, tick_s)
            self._docket.tick_s = tick_s
        return verdicts

    def _event(self, event: TrackEvent) -> list[Verdict]:
        reason = _ENDINGS.get(event.kind)
        if reason is None:
            return []
        evidence = {} if event.into is None else {"into": event.into}
        verdicts = [
            each
            for group, standing in self._standings.forget(event.track.number)
            for each in ended(group, standing, event.track, event.logged_s, reason, evidence, seq=event.seq)
        ]
        return verdicts + self._watch.forget(event.track, event.logged_s, reason, evidence, event.seq)


def _order(each: Verdict) -> tuple[int, int, str]:
    return each.seq, each.track.number, each.group
