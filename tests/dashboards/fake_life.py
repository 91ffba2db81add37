"""What people did to the scripted view's alerts: the same rules as the real book's, for as much as the page needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airspace.model.alert import same_person
from airspace.model.ports import AlertConflict


@dataclass
class Life:
    """One alert's acknowledgement and who did what; times as they are told."""

    state: str | None = None  # the word of the last act
    acknowledgement: str = "nobody"
    taken_by: str | None = None
    taken_since: str | None = None
    taken_over_from: str | None = None
    handed_over_by: str | None = None
    handed_over_to: str | None = None
    closed_by: str | None = None
    closed: str | None = None
    outcome: str | None = None
    note: str | None = None

    def act(self, kind: str, by: str, now: str, asked: dict[str, Any], *, gone: bool) -> None:
        """Take a step, or raise ``AlertConflict``."""
        if kind == "reopen":
            self._reopen(gone=gone)
            return
        if self.closed_by is not None:
            raise AlertConflict(f"{self.closed_by} has closed this alert.", self.taken_by, self.taken_since)
        if kind == "acknowledge":
            self._take(by, now, asked.get("instead_of"))
        elif kind == "hand_over":
            self.state, self.acknowledgement, self.taken_by, self.taken_since = "handed_over", "handed_over", None, None
            self.handed_over_by, self.handed_over_to = by, asked.get("to")
        else:
            self.state, self.acknowledgement = "closed", "done"
            self.closed_by, self.closed, self.outcome = by, now, asked.get("outcome") or "other"
        self.note = asked.get("note") or self.note

    def _take(self, by: str, now: str, instead_of: str | None) -> None:
        if self.taken_by is not None:
            if same_person(self.taken_by, by):
                return
            if not same_person(self.taken_by, instead_of):
                raise AlertConflict(f"{self.taken_by} has this alert.", self.taken_by, self.taken_since)
        self.taken_over_from = self.taken_by
        self.state, self.acknowledgement, self.taken_by, self.taken_since = "acknowledged", "taken", by, now

    def _reopen(self, *, gone: bool) -> None:
        if self.closed_by is None:
            raise AlertConflict("This alert is open.", self.taken_by, self.taken_since)
        if gone:
            raise AlertConflict("The drone is gone: this alert cannot be opened again.")
        self.state = "acknowledged" if self.taken_by else "updated"
        self.acknowledgement = "taken" if self.taken_by else "nobody"
        self.closed_by = self.closed = self.outcome = None

    def line(self) -> dict[str, Any]:
        """The members of an alert line that are about people."""
        members = {name: value for name, value in vars(self).items() if name not in {"state", "taken_over_from"}}
        names = ("note", "handed_over_by", "closed_by", "taken_over_from")
        return members | {"evidence": {name: value for name in names if (value := getattr(self, name)) is not None}}
