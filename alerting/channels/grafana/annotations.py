"""Annotations: exactly one for each episode of an alert, whatever was lost, late or doubled on the way.

Made when an episode is first told, changed by every later telling, ended when its condition is gone. What it was about
stays in its text, and how it ended is added. One of an open alert is a span that ends now: each telling and each look
at what stands moves its end, so a window of any later time shows it.

An annotation is known by its tag, ``alert:<record>``. Its id is remembered only as long as every request succeeds;
after a start or a failure it is looked up again, and where there are several the oldest is kept. A request whose answer
was lost may still be carried out by Grafana, so such an episode is looked at again later.

No personal identifier is sent: kind, verdict, state and sentence, never a UAS id, an operator or a place. Texts are
escaped although Grafana cleans HTML too: raw tag values once reached its page (grafana 12505).
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

from airspace.model.alert import AlertState
from airspace.model.text import safe_text
from airspace.model.units import epoch_s
from alerting.channels.grafana.server import FORBIDDEN, GONE, GrafanaError, Server, is_status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_REMEMBERED: Final = 10_000
MAX_MOVED: Final = 200  # spans whose end one look moves; the longest unmoved first
LOOKS_AFTER_DOUBT: Final = 3
SENTENCE_LETTERS: Final = 280
TAG_LETTERS: Final = 64
SERVICE_TAG: Final = "airspace"
_RECORD: Final = "alert:"
_OPEN_STATES: Final = tuple(state.value for state in AlertState if state is not AlertState.CLOSED)
_MOST_FOUND: Final = "1000"


class AnnotationBook:
    """What of Grafana's annotations is ours, and known for certain."""

    def __init__(self, server: Server, dashboard_uid: str | None) -> None:
        self._server = server
        self._dashboard_uid = dashboard_uid
        self._ids: dict[str, int] = {}  # record -> annotation id
        self._doubtful: dict[str, tuple[dict[str, Any], int]] = {}  # record -> last content, looks that are left
        self._moved: dict[str, int] = {}  # open record -> number of the look that last moved its end
        self._looks = 0
        self._swept = False

    def tell(self, alert: Mapping[str, Any], now: str | None = None) -> None:
        """Make or change the annotation of an alert line. ``GrafanaError``: it may or may not have been done."""
        record, content = record_of(alert), annotation(alert, now)
        if record in self._doubtful:
            self._doubt(record, content)
        known = self._ids.get(record)
        if known is not None and self._changed(record, known, content, gone=(GONE, FORBIDDEN)):
            return
        found = self._looked_up(record)
        if found is not None and self._changed(record, found, content):
            return
        self._make(record, content)

    def forget(self) -> None:
        """Something failed: nothing is certain any more."""
        self._ids.clear()
        self._swept = False

    def look(self, lines: Sequence[Mapping[str, Any]], now: str, enough: Callable[[], bool] = lambda: False) -> None:
        """Bring Grafana to what stands: the latest telling of open records and of those that closed lately.

        As far as it comes until it is ``enough``; the rest has its turn at the next look.
        """
        self._looks += 1
        if not self._swept:
            self._swept = self._sweep({record_of(line): line for line in lines}, enough)
        for record in list(self._doubtful):
            if enough():
                return
            self._settle(record)
        self._move([line for line in lines if _is_open(line)], now, enough)

    def _settle(self, record: str) -> None:
        """Look again for an annotation whose making was not answered: it may have come late, beside another."""
        content, left = self._doubtful[record]
        found = self._looked_up(record)
        if found is None or not self._changed(record, found, content):
            self._make(record, content)
        if left > 1:
            self._doubtful[record] = (content, left - 1)
        else:
            self._doubtful.pop(record, None)

    def _move(self, lines: Sequence[Mapping[str, Any]], now: str, enough: Callable[[], bool]) -> None:
        records = {record_of(line): line for line in lines}
        self._moved = {record: self._moved.get(record, 0) for record in records}
        for record in sorted(records, key=lambda one: self._moved[one])[:MAX_MOVED]:
            if enough():
                return
            self.tell(records[record], now)
            self._moved[record] = self._looks

    def _sweep(self, lines: Mapping[str, Mapping[str, Any]], enough: Callable[[], bool]) -> bool:
        """End what Grafana still shows as open and what closed in the meantime; of doubles keep one. Whether all was.

        Only what our own database knows: another service may write to the same Grafana.
        """
        for state in _OPEN_STATES:
            seen: set[str] = set()
            for found in self._find(state):
                record = _record_in(found)
                if record is None or record in seen or record not in lines:
                    continue
                if enough():
                    return False
                seen.add(record)
                if record not in self._ids:
                    self._looked_up(record)
                if not _is_open(lines[record]):
                    self.tell(lines[record])
        return True

    def _looked_up(self, record: str) -> int | None:
        """The oldest annotation with the record's tag; any others are removed."""
        tag = _tag(f"{_RECORD}{record}")
        ids = sorted(_id_of(found) for found in self._find(tag) if tag in found.get("tags", [tag]))
        for double in ids[1:]:
            self._remove(double)
        if not ids:
            self._ids.pop(record, None)
            return None
        self._remember(record, ids[0])
        return ids[0]

    def _find(self, tag: str) -> list[dict[str, Any]]:
        query = [("type", "annotation"), ("tags", SERVICE_TAG), ("tags", tag), ("limit", _MOST_FOUND)]
        return self._server.list("/annotations", query)

    def _remove(self, annotation_id: int) -> None:
        try:
            self._server.object("DELETE", f"/annotations/{annotation_id}")
        except GrafanaError as error:
            if not is_status(error, GONE, FORBIDDEN):  # gone already, or not ours to take away: told by the doctor
                raise

    def _changed(
        self, record: str, annotation_id: int, content: Mapping[str, Any], gone: tuple[int, ...] = (GONE,)
    ) -> bool:
        """Whether it could be changed; not, if somebody deleted it.

        Where rights are looked at first, Grafana calls one that is not there forbidden: only looking it up can tell.
        """
        try:
            self._server.object("PATCH", f"/annotations/{annotation_id}", content)
        except GrafanaError as error:
            if not is_status(error, *gone):
                raise
            self._ids.pop(record, None)
            return False
        return True

    def _make(self, record: str, content: dict[str, Any]) -> None:
        where = {} if self._dashboard_uid is None else {"dashboardUID": self._dashboard_uid}
        doubtful_before = record in self._doubtful
        self._doubt(record, content)
        made = self._server.object("POST", "/annotations", {**content, **where})
        self._remember(record, _id_of(made))
        if not doubtful_before:
            del self._doubtful[record]

    def _doubt(self, record: str, content: dict[str, Any]) -> None:
        self._doubtful[record] = (content, LOOKS_AFTER_DOUBT)
        while len(self._doubtful) > MAX_REMEMBERED:
            del self._doubtful[next(iter(self._doubtful))]

    def _remember(self, record: str, annotation_id: int) -> None:
        self._ids[record] = annotation_id
        while len(self._ids) > MAX_REMEMBERED:
            del self._ids[next(iter(self._ids))]


def annotation(alert: Mapping[str, Any], now: str | None = None) -> dict[str, Any]:
    """The content of an alert's annotation. While it is open it ends at its telling, or ``now`` where that is later."""
    start_ms = _milliseconds(alert["opened"])
    end_ms = _milliseconds(_ended(alert) or alert["time"])
    if now is not None and _is_open(alert) and _ended(alert) is None:
        end_ms = max(end_ms, _milliseconds(now))
    return {
        "time": start_ms,
        "timeEnd": max(end_ms, start_ms),
        "tags": [SERVICE_TAG, *(_tag(alert[key]) for key in ("kind", "verdict", "state")), _record_tag(alert)],
        "text": html.escape(_text(alert)),
    }


def record_of(alert: Mapping[str, Any]) -> str:
    """The episode. Of the first the alert's own id, as annotations were tagged before there were episodes."""
    episode = alert.get("episode", 1)
    return str(alert["alert_id"]) if episode == 1 else f"{alert['alert_id']}.{episode}"


def _ended(alert: Mapping[str, Any]) -> str | None:
    """When its condition was gone; of one that a person closed before that, when he did."""
    return alert.get("ended") or alert.get("closed") or (None if _is_open(alert) else alert["time"])


def _is_open(alert: Mapping[str, Any]) -> bool:
    return bool(alert["state"] != AlertState.CLOSED.value)


def _text(alert: Mapping[str, Any]) -> str:
    """What it is about, and how it ended."""
    matter, now = alert.get("matter_en") or "", alert["sentence_en"]
    both = (now,) if now.startswith(matter) else (matter, now)
    return " ".join(filter(None, (safe_text(each, SENTENCE_LETTERS) for each in both)))


def _tag(text: str) -> str:
    return html.escape(safe_text(text, TAG_LETTERS) or "unknown")


def _record_tag(alert: Mapping[str, Any]) -> str:
    return _tag(f"{_RECORD}{record_of(alert)}")


def _record_in(found: Mapping[str, Any]) -> str | None:
    tags = found.get("tags")
    named = [str(tag) for tag in tags if str(tag).startswith(_RECORD)] if isinstance(tags, list) else []
    return named[0].removeprefix(_RECORD) if named else None


def _id_of(found: Mapping[str, Any]) -> int:
    number = found.get("id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise GrafanaError("what answers for annotations is not Grafana (no id): is grafana.url right?", status=200)
    return number


def _milliseconds(time: str) -> int:
    return round(epoch_s(time) * 1000)
