"""Any cutting of the log's rows into batches gives the same tellings, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.alert import Alert
from airspace.model.lines import alert_line
from airspace.model.log import Command, CommandKind, Heartbeat
from airspace.model.sensor import Sensor
from airspace.model.track import TrackRow, TrackState
from airspace.model.verdict import NOBODY, Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneRole
from alerting.book import AlertBook
from alerting.case import alert_id_of
from alerting.lifecycle import TABLE, Life, word
from tests.alerting.making import SPOOF, allowed, changes, fence, row, side, verdict

TRACKS = (1, 2, 3)
SENSORS = (Sensor(sensor_id="noord", name="Noord", kind="remote_id", silent_after_s=5.0),)
ENDS = (
    Reason.LEFT_ZONE,
    Reason.NOTICE_MATCHES,
    Reason.ON_THE_GROUND,
    Reason.TRACK_ENDED,
    Reason.TRACK_MERGED,
    Reason.ZONE_ENDED,
)


@dataclass(frozen=True, repr=False)
class Second:
    """What the log holds of one second, and how its rows are cut."""

    heartbeats: tuple[Heartbeat, ...]
    commands: tuple[Command, ...]
    verdicts: tuple[Verdict, ...]
    live: tuple[TrackRow, ...]
    cuts: tuple[int, ...]

    def __repr__(self) -> str:
        said = [(v.track.track_id, v.track.flight_id, v.kind, v.value, v.reason, v.group) for v in self.verdicts]
        living = [(t.track_id, t.flight_id, t.state, t.suspect, t.remarks, t.status) for t in self.live]
        return f"Second({len(self.heartbeats)}, {[str(c.kind) for c in self.commands]}, {said}, {living}, {self.cuts})"


@st.composite
def a_track(draw: st.DrawFn, number: int) -> TrackRow:
    return row(
        number,
        flight_id=draw(st.sampled_from([f"F-{number}", f"F-{number}", "F-shared", None])),
        latitude_deg=52.31 + draw(st.integers(0, 5)) * 1e-3,
        sensors=draw(st.integers(1, 7)),
        suspect=draw(st.booleans()),
        remarks=draw(st.sampled_from([0, SPOOF])),
        airborne=draw(st.booleans()),
        status=draw(st.sampled_from([2, 2, 3])),
        state=int(draw(st.sampled_from([TrackState.CONFIRMED, TrackState.COASTING]))),
    )


@st.composite
def a_verdict(draw: st.DrawFn, at: float) -> Verdict:
    track = draw(a_track(draw(st.sampled_from(TRACKS))))
    what = draw(st.sampled_from(["raise", "raise", "end", "ring", "bowl", "out", "side", "side", "well", "crowd"]))
    if what == "raise":
        value = draw(st.sampled_from([VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.NOT_DECIDABLE]))
        reason = draw(st.sampled_from([Reason.NO_NOTICE, Reason.NOTICE_WRONG_PLACE, Reason.SIGNAL_DOUBTFUL]))
        return verdict(at, reason, value, track, kind=draw(st.sampled_from([Kind.ZONE, Kind.HEIGHT])))
    if what in {"side", "well"}:
        kind = draw(st.sampled_from([Kind.SIGHT, Kind.REMOTE_ID]))
        if what == "well":
            return side(at, Reason.BACK_WITHIN_LIMIT, VerdictValue.ALLOWED, kind, track)
        return side(at, kind=kind, track=track)
    if what == "crowd":
        full = draw(st.booleans())
        reason = Reason.CTR_CONCURRENCY if full else Reason.BACK_WITHIN_LIMIT
        value = VerdictValue.SITUATION if full else VerdictValue.ALLOWED
        return verdict(at, reason, value, NOBODY, kind=Kind.CAPACITY)
    if what == "end":
        return allowed(at, draw(st.sampled_from(ENDS)), track)
    role = ZoneRole.RING if what == "ring" else ZoneRole.BOWL
    return fence(at, role, track, inside=what != "out")


@st.composite
def a_second(draw: st.DrawFn, at: int) -> Second:
    heard = draw(st.booleans())
    alert_id = alert_id_of((f"F-{draw(st.sampled_from(TRACKS))}", "ctr", Kind.ZONE))
    kinds = draw(st.lists(st.sampled_from(list(CommandKind)), max_size=1))
    verdicts = draw(st.lists(a_verdict(at + 0.5), max_size=4))
    living = draw(st.lists(st.sampled_from(TRACKS), unique=True, min_size=2))
    return Second(
        heartbeats=(Heartbeat(sensor="noord", logged_s=at + 0.1),) if heard else (),
        commands=tuple(Command(kind=kind, alert_id=alert_id, by="team", logged_s=at + 0.1) for kind in kinds),
        verdicts=tuple(replace(each, seq=10 * at + index) for index, each in enumerate(verdicts)),
        live=tuple(draw(a_track(number)) for number in living),
        cuts=tuple(sorted(draw(st.lists(st.integers(0, len(verdicts)), max_size=3)))),
    )


@st.composite
def a_log(draw: st.DrawFn) -> list[Second]:
    return [draw(a_second(at)) for at in range(0, draw(st.integers(1, 12)) * 10, 10)]


def told(log: list[Second], *, cut: bool) -> list[Alert]:
    """Uncut: one batch a second, ended by its tick. Cut: the tick stands alone behind the parts."""
    book = AlertBook(SENSORS)
    out: list[Alert] = []
    for at, second in enumerate(log):
        ticked = changes(second.live, 10.0 * at + 1.0)
        if not cut:
            out += book.step(second.verdicts, ticked, second.heartbeats, second.commands)
            continue
        edges = (0, *second.cuts, len(second.verdicts))
        for index in range(len(edges) - 1):
            first = index == 0
            part = second.verdicts[edges[index] : edges[index + 1]]
            out += book.step(part, changes(), second.heartbeats if first else (), second.commands if first else ())
        out += book.step((), ticked, (), ())
    return out


@given(a_log())
@settings(max_examples=60, deadline=None)
def test_the_cut_of_the_log_makes_no_difference(log: list[Second]) -> None:
    whole, cut = told(log, cut=False), told(log, cut=True)
    assert msgspec.json.encode([alert_line(a) for a in whole]) == msgspec.json.encode([alert_line(a) for a in cut])


@given(a_log())
@settings(max_examples=60, deadline=None)
def test_every_alert_lives_by_the_table_and_counts_its_tellings(log: list[Second]) -> None:
    revisions: dict[str, int] = {}
    lives: dict[str, Life] = {}
    for alert in told(log, cut=True):
        revisions[alert.alert_id] = revisions.get(alert.alert_id, 0) + 1
        assert alert.revision == revisions[alert.alert_id]
        before, after = lives.get(alert.record_id), Life(alert.condition, alert.acknowledgement)
        steps = [event for event, life in TABLE[before].items() if life == after and word(event, after) is alert.state]
        assert steps, f"{before} to {after} as {alert.state}"
        lives[alert.record_id] = after
