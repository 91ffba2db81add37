"""Alerts about the signal itself: spoof signs and emergencies, one for each track, and one for a whole swarm.

Decided at ticks from the table of live tracks: whatever a batch held, the tick sees the same table. One sighting never
makes a drone, so tentative tracks are told to nobody. A doubted signal that is no longer heard is over; an emergency
that is no longer heard is not. An aircraft with a crew calls its own controller.

Swarm: when more than ``SWARM_ABOVE`` suspect tracks share transmitters, or a counter that stands still, at one tick (or
more than ``FLOOD_ABOVE`` are suspect in whatever way), one swarm alert speaks for all of them and their own spoofing
alerts are closed in its favour. It is keyed by the log minute in which it opens and stays until none of its tracks has
been left for the linger time; so there is one at a time, two attacks an hour apart are two alerts, and an attack that
stops and goes on within a minute is the same alert again. A drone's zone alert is not touched by this: it keeps, with
the priority that doubt leaves it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Rows, Source, Status
from airspace.model.lines import remark_names
from airspace.model.track import Booleans, Changes, Remark, Tracks, TrackState
from airspace.model.units import rfc3339
from airspace.model.verdict import Kind, Reason, VerdictValue
from alerting.case import Case
from alerting.facts import Facts, known
from alerting.register import Register

GROUP: Final = "signal"
RULE: Final = "signal"
RULE_VERSION: Final = "1"
SWARM_ABOVE: Final = 5
FLOOD_ABOVE: Final = 20
OF_ONE_SENDER: Final = Remark.SHARED_TRANSMITTER | Remark.SHARED_COUNTER  # many identities, one who sends them
_MINUTE_S: Final = 60.0
_TOLD_STATES: Final = (TrackState.CONFIRMED, TrackState.COASTING)


class Signals:
    """Which swarm is open; everything else is in the register."""

    def __init__(self) -> None:
        self._swarm: Case | None = None

    def tick(self, register: Register, changes: Changes, now_s: float) -> None:
        """Hold the alerts that the live tracks call for; let the others linger to their end."""
        live = changes.live
        if live is None:
            return
        swarm, lone = self._split(live, _rows(live, live.suspect & (live.state == TrackState.CONFIRMED)))
        wanted = [_spoofing(changes, live, int(row)) for row in lone]
        emergency = (live.status == Status.EMERGENCY) & np.isin(live.state, _TOLD_STATES) & (live.source != Source.ADSB)
        wanted += [_emergency(changes, live, int(row)) for row in _rows(live, emergency)]
        held = {_hold(register, facts, now_s).alert_id for facts in wanted}
        self._hold_swarm(register, changes, swarm, now_s)
        swarming = set(live.track_id[swarm].tolist())
        for case in list(register.there.values()):
            if case.facts.rule == RULE and case is not self._swarm and case.alert_id not in held:
                self._let_go(register, case, swarming, now_s)

    def _split(self, live: Tracks, suspects: Rows) -> tuple[Rows, Rows]:
        """(rows that the swarm alert speaks for, rows with an alert of their own)."""
        if len(suspects) > FLOOD_ABOVE:
            return suspects, suspects[:0]
        shared = (live.remarks[suspects] & OF_ONE_SENDER) != 0
        swarming = self._swarm is not None and self._swarm.is_there
        if shared.sum() > SWARM_ABOVE or swarming:
            return suspects[shared], suspects[~shared]
        return suspects[:0], suspects

    def _hold_swarm(self, register: Register, changes: Changes, swarm: Rows, now_s: float) -> None:
        if not len(swarm) or changes.live is None:
            if self._swarm is not None:
                _linger(self._swarm, now_s)
            return
        facts = _swarm_facts(changes, changes.live, swarm)
        if self._swarm is None or not self._swarm.is_there:
            subject = f"swarm-{rfc3339(now_s // _MINUTE_S * _MINUTE_S)}"
            self._swarm = register.begin(facts, now_s, subject=subject)
        else:
            self._swarm.left_s = None
            self._swarm.facts = facts

    def _let_go(self, register: Register, case: Case, swarming: set[str], now_s: float) -> None:
        replaced = case.facts.kind is Kind.SPOOFING and case.track is not None and case.track.track_id in swarming
        if replaced and self._swarm is not None:
            register.replace(case, self._swarm, now_s)
        else:
            _linger(case, now_s)


def _linger(case: Case, now_s: float) -> None:
    if case.left_s is None:
        case.left_s = now_s
        case.left_reason = case.facts.reason


def _rows(live: Tracks, wanted: Booleans) -> Rows:
    """The wanted rows, in the order in which their tracks appeared."""
    rows = np.flatnonzero(wanted)
    return rows[np.argsort(live.number[rows], kind="stable")]


def _hold(register: Register, facts: Facts, now_s: float) -> Case:
    """The case with these facts, opened if it is not there."""
    case = register.find(facts)
    if case is None or not case.is_there:
        return register.begin(facts, now_s)
    case.left_s = None
    if case.facts.evidence != facts.evidence:
        register.take_in(case, facts)
    return case


def _spoofing(changes: Changes, live: Tracks, row: int) -> Facts:
    return _facts(
        changes,
        live,
        row,
        kind=Kind.SPOOFING,
        value=VerdictValue.SUSPECTED,
        reason=Reason.SPOOF_SIGNS,
        remarks=remark_names(int(live.remarks[row])),
    )


def _emergency(changes: Changes, live: Tracks, row: int) -> Facts:
    return _facts(
        changes, live, row, kind=Kind.EMERGENCY, value=VerdictValue.SITUATION, reason=Reason.EMERGENCY_DECLARED
    )


def _facts(
    changes: Changes, live: Tracks, row: int, *, kind: Kind, value: VerdictValue, reason: Reason, **evidence: object
) -> Facts:
    track = live.row(row)
    return Facts(
        kind=kind,
        value=value,
        reason=reason,
        rule=RULE,
        rule_version=RULE_VERSION,
        group=GROUP,
        track=track,
        sensors=changes.sensors_of(track.sensors),
        latitude_deg=known(track.latitude_deg),
        longitude_deg=known(track.longitude_deg),
        evidence=evidence,
    )


def _swarm_facts(changes: Changes, live: Tracks, swarm: Rows) -> Facts:
    """About no single drone: the middle of their places, everybody who hears one of them."""
    placed = swarm[~np.isnan(live.latitude_deg[swarm] + live.longitude_deg[swarm])]
    return Facts(
        kind=Kind.SPOOFING,
        value=VerdictValue.SUSPECTED,
        reason=Reason.SPOOF_SIGNS,
        rule=RULE,
        rule_version=RULE_VERSION,
        group=GROUP,
        sensors=changes.sensors_of(int(np.bitwise_or.reduce(live.sensors[swarm]))),
        latitude_deg=float(live.latitude_deg[placed].mean()) if len(placed) else None,
        longitude_deg=float(live.longitude_deg[placed].mean()) if len(placed) else None,
        evidence={
            "tracks": len(swarm),
            "remarks": remark_names(int(np.bitwise_or.reduce(live.remarks[swarm]))),
        },
    )
