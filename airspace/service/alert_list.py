"""The alerts as people see them: open ones by priority, then handled ones, then records, newest first.

Bounded: an open or handled alert has a drone, a sensor or a person behind it; of records the last 12 hours are kept and
200 at most, those folded into a flood going first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from airspace.model.alert import Acknowledgement, Alert, Condition, Shelf, shelf
from airspace.model.lines import alert_line
from airspace.model.units import epoch_s
from airspace.model.verdict import Kind

RECORDS_SHOWN: Final = 200
RECORDS_SHOWN_S: Final = 43_200.0

Line = dict[str, Any]


class AlertList:
    """The latest telling of each record, as lines."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}  # by record id
        self._latest: dict[str, str] = {}  # alert id -> record id of its last episode
        self._over_s: dict[str, float] = {}  # records: when they were last told

    def keep(self, alert: Alert) -> Line:
        """One more telling, already redacted."""
        line = alert_line(alert)
        self._put(line, alert.time_s)
        return line

    def restore(self, lines: Iterable[Line]) -> None:
        """Records of an earlier run, to read; what this run tells of the same record counts more."""
        for line in lines:
            told = {**_WITHOUT_LIFE, "record_id": f"{line['alert_id']}.{line.get('episode', 1)}", **line}
            if told["record_id"] not in self._lines and shelf_of(told) is Shelf.RECORD:
                self._put(told | {"restored": True}, epoch_s(told["time"]))

    def named(self, name: str) -> Line:
        """By record id, or by alert id: then the last episode. KeyError: there is none."""
        return self._lines[self._latest.get(name, name)]

    def lines(self) -> list[Line]:
        """All, in the order of the list."""
        return sorted(self._lines.values(), key=self._place)

    def present(self) -> list[Line]:
        """Open and handled ones, in no order."""
        return [line for record_id, line in self._lines.items() if record_id not in self._over_s]

    def forget(self, now_s: float) -> None:
        """Drop the records that are too old, or too many."""
        kept = self._kept() if len(self._over_s) > RECORDS_SHOWN else self._over_s.keys()
        for record_id in [
            each for each, over_s in self._over_s.items() if each not in kept or now_s - over_s > RECORDS_SHOWN_S
        ]:
            line = self._lines.pop(record_id)
            del self._over_s[record_id]
            if self._latest.get(line["alert_id"]) == record_id:
                del self._latest[line["alert_id"]]

    def _kept(self) -> set[str]:
        folded = {each for each in self._over_s if self._lines[each]["part_of"] is not None}
        newest = sorted(self._over_s, key=lambda each: (each in folded, -self._over_s[each]))
        return set(newest[:RECORDS_SHOWN])

    def _put(self, line: Line, time_s: float) -> None:
        record_id, alert_id = line["record_id"], line["alert_id"]
        self._lines[record_id] = line
        before = self._latest.get(alert_id)
        if before not in self._lines or self._lines[before]["episode"] <= line["episode"]:
            self._latest[alert_id] = record_id
        self._over_s.pop(record_id, None)
        if shelf_of(line) is Shelf.RECORD:
            self._over_s[record_id] = time_s

    def _place(self, line: Line) -> tuple[int, float, str, str]:
        where = shelf_of(line)
        first = -self._over_s[line["record_id"]] if where is Shelf.RECORD else -float(line["priority"])
        return where, first, line["opened"], line["record_id"]


def shelf_of(line: Line) -> Shelf:
    """Open, handled or over, of a line."""
    return shelf(Condition(line["condition"]), Acknowledgement(line["acknowledgement"]))


def is_counted(line: Line) -> bool:
    """Whether it is one of the open alerts that people count: not a sensor's, not folded into a flood."""
    return shelf_of(line) is Shelf.OPEN and line["kind"] != Kind.COVERAGE.value and line["part_of"] is None


_WITHOUT_LIFE: Final[Line] = {  # what lines of before 0008_episodes.sql do not say
    "episode": 1,
    "condition": Condition.GONE.value,
    "acknowledgement": Acknowledgement.NOBODY.value,
    "matter_nl": "",
    "matter_en": "",
    **dict.fromkeys(
        (
            "part_of",
            "count",
            "taken_since",
            "handed_over_by",
            "handed_over_to",
            "closed_by",
            "closed",
            "ended",
            "note",
        )
    ),
}
