"""Grafana Live: tellings and open counts in Influx line protocol, ``POST /api/live/push/<stream>``.

A measurement M becomes the channel ``stream/<stream>/M``. There are no tags: Grafana makes a column of each set of
labels, so a night's tellings would become thousands, and names from outside would become columns. Every value is a
string field or a whole number of the same few columns; Grafana shows strings of a frame as text, so none is escaped for
HTML. A text that is not known is empty, since a column that comes and goes would make Grafana throw its frame away.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from airspace.model.text import safe_text
from airspace.model.units import epoch_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SENTENCE_LETTERS: Final = 280
WORD_LETTERS: Final = 64
VERDICTS: Final = ("violation", "suspected", "situation", "not_decidable")
_WORDS: Final = ("alert_id", "kind", "state", "verdict", "zone_name")


def alert_point(alert: Mapping[str, Any]) -> str:
    """One telling as a point of measurement ``alerts``: seven columns and the time."""
    fields = {key: _text(alert.get(key), WORD_LETTERS) for key in _WORDS}
    fields["priority"] = f"{int(alert['priority'])}i"
    fields["sentence"] = _text(alert["sentence_en"], SENTENCE_LETTERS)
    return _point("alerts", fields, alert["time"])


def open_point(verdicts: Iterable[str], time: str) -> str:
    """How many alerts are open, in all and by verdict, as a point of measurement ``open``."""
    counts = Counter(verdicts)
    fields = {"all": f"{counts.total()}i"} | {verdict: f"{counts[verdict]}i" for verdict in VERDICTS}
    return _point("open", fields, time)


def _point(measurement: str, fields: Mapping[str, str], time: str) -> str:
    listed = ",".join(f"{key}={value}" for key, value in fields.items())
    return f"{measurement} {listed} {round(epoch_s(time) * 1000) * 1_000_000}"


def _text(text: str | None, letters: int) -> str:
    """A string field: quotes and backslashes escaped; line breaks are gone since ``safe_text``."""
    kept = safe_text(text, letters) if text else None
    return '"' + (kept or "").replace("\\", r"\\").replace('"', r"\"") + '"'
