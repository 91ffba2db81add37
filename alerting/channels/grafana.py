"""Grafana: one annotation for each episode of an alert, and a live stream of alerts and open counts.

Annotation: made when an episode is first told, changed by every later telling of that episode, ended when its
condition is gone. What it was about stays in its text, and how it ended is added; a drone that comes back has an
annotation of its own beside the old one. Its id is kept in memory; after a restart it is looked up by its tag.

Live: ``POST /api/live/push/<stream>`` takes Influx line protocol, and a measurement M becomes the channel
``stream/<stream>/M`` (handbook, interfaces 2; storage 7). The token needs Editor rights.

No personal identifier is sent: the sentence, kind, verdict, state, priority and zone, never a UAS id, an operator or a
place. Texts are escaped here although Grafana cleans HTML too: raw tag values once reached its page (grafana 12505).
Never run against a Grafana server in our tests, only against a recorder of requests.
"""

from __future__ import annotations

import asyncio
import html
import importlib
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from airspace.model.alert import AlertState
from airspace.model.ports import ChannelError
from airspace.model.text import safe_text
from airspace.model.units import epoch_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_REMEMBERED: Final = 10_000
SENTENCE_LETTERS: Final = 280
TAG_LETTERS: Final = 64
STREAM: Final = "airspace"
_PASSING: Final = frozenset({401, 403, 408, 425, 429})  # the content is not at fault: a token, a rate, a moment
_GONE: Final = 404


class GrafanaChannel:
    """Implements ``airspace.model.ports.Channel`` over a grafana-client API object, which blocks, so in a thread."""

    def __init__(self, api: Any, *, stream: str = STREAM, dashboard_uid: str | None = None) -> None:
        if not (stream.isascii() and stream.isalnum()):
            raise ValueError(f"stream {stream!r}: only letters and digits are allowed in a Grafana Live channel")
        self._api = api
        self._stream = stream
        self._dashboard_uid = dashboard_uid
        self._annotations: dict[str, int] = {}  # record -> annotation id
        self._open: dict[str, str] = {}  # record -> verdict

    @property
    def name(self) -> str:
        """Key of its place in the outbox."""
        return "grafana"

    @property
    def api(self) -> Any:
        """The grafana-client object, for whoever writes dashboards with the same token."""
        return self._api

    async def send(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Tell these alert lines. Telling one again changes its annotation and makes no second one."""
        if alerts:
            await asyncio.to_thread(self._send, alerts)

    def _send(self, alerts: Sequence[dict[str, Any]]) -> None:
        try:
            for alert in alerts:
                self._annotate(alert)
                self._count(alert)
            lines = [*map(alert_point, alerts), *open_points(self._open, alerts[-1]["time"])]
            body = "\n".join(lines).encode()
            self._api.client.POST(
                f"/live/push/{self._stream}",
                data=body,
                headers={"Content-Type": "text/plain; charset=utf-8"},
                accept_empty_json=True,
            )
        except Exception as error:
            failure = as_channel_error(error)
            if failure is None:
                raise
            raise failure from error

    def _annotate(self, alert: Mapping[str, Any]) -> None:
        content = annotation(alert)
        known = self._annotation_id(alert)
        if known is not None:
            try:
                self._api.annotations.partial_update_annotation(known, **content)
            except Exception as error:
                if getattr(error, "status_code", None) != _GONE:
                    raise
                self._annotations.pop(_record(alert), None)  # somebody deleted it: made anew
            else:
                return
        made = self._api.annotations.add_annotation(dashboard_uid=self._dashboard_uid, **content)
        self._remember(_record(alert), int(made["id"]))

    def _annotation_id(self, alert: Mapping[str, Any]) -> int | None:
        known = self._annotations.get(_record(alert))
        if known is not None or alert["revision"] == 1:
            return known
        found = self._api.annotations.find_annotations(tags=["airspace", _alert_tag(alert)], limit=1)
        if not found:
            return None
        self._remember(_record(alert), int(found[0]["id"]))
        return self._annotations[_record(alert)]

    def _remember(self, record: str, annotation_id: int) -> None:
        self._annotations[record] = annotation_id
        while len(self._annotations) > MAX_REMEMBERED:
            del self._annotations[next(iter(self._annotations))]

    def _count(self, alert: Mapping[str, Any]) -> None:
        self._open.pop(_record(alert), None)
        if alert["state"] != AlertState.CLOSED.value:
            self._open[_record(alert)] = alert["verdict"]
        while len(self._open) > MAX_REMEMBERED:
            del self._open[next(iter(self._open))]


def connect(url: str, token: str, *, stream: str = STREAM, dashboard_uid: str | None = None) -> GrafanaChannel:
    """A channel to the Grafana at ``url``. RuntimeError when the optional client is not installed."""
    try:
        grafana = importlib.import_module("grafana_client")
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "the Grafana channel needs grafana-client: pip install 'airspace-monitor[grafana]'"
        ) from error
    api = grafana.GrafanaApi.from_url(url, credential=grafana.TokenAuth(token))
    return GrafanaChannel(api, stream=stream, dashboard_uid=dashboard_uid)


def annotation(alert: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an alert's annotation; an open alert has no end yet, so it ends where it begins."""
    start_ms, ended = _milliseconds(alert["opened"]), _ended(alert)
    return {
        "time_from": start_ms,
        "time_to": start_ms if ended is None else max(_milliseconds(ended), start_ms),
        "tags": ["airspace", *(_tag(alert[key]) for key in ("kind", "verdict", "state")), _alert_tag(alert)],
        "text": html.escape(_text(alert)),
    }


def _ended(alert: Mapping[str, Any]) -> str | None:
    """When its condition was gone; of one that a person closed before that, when he did."""
    over = alert["state"] == AlertState.CLOSED.value
    return alert.get("ended") or alert.get("closed") or (alert["time"] if over else None)


def _text(alert: Mapping[str, Any]) -> str:
    """What it is about, and how it ended."""
    matter, now = alert.get("matter_en") or "", alert["sentence_en"]
    both = (now,) if now.startswith(matter) else (matter, now)
    return " ".join(filter(None, (safe_text(each, SENTENCE_LETTERS) for each in both)))


def _record(alert: Mapping[str, Any]) -> str:
    """The episode. Of the first the alert's own id, as annotations were tagged before there were episodes."""
    episode = alert.get("episode", 1)
    return str(alert["alert_id"]) if episode == 1 else f"{alert['alert_id']}.{episode}"


def alert_point(alert: Mapping[str, Any]) -> str:
    """One telling as a point of measurement ``alerts``, in Influx line protocol."""
    tags = {key: alert[key] for key in ("kind", "state", "verdict", "zone_name") if alert[key]}
    fields = {
        "priority": f"{int(alert['priority'])}i",
        "sentence": _field_text(html.escape(safe_text(alert["sentence_en"], SENTENCE_LETTERS) or "")),
        "alert_id": _field_text(alert["alert_id"]),
    }
    return _point("alerts", tags, fields, alert["time"])


def open_points(verdicts: Mapping[str, str], time: str) -> Iterable[str]:
    """How many alerts are open, in all and by verdict, as points of measurement ``open``."""
    counts = Counter(verdicts.values())
    yield _point("open", {"verdict": "all"}, {"count": f"{len(verdicts)}i"}, time)
    for verdict in ("violation", "suspected", "situation", "not_decidable"):
        yield _point("open", {"verdict": verdict}, {"count": f"{counts[verdict]}i"}, time)


def as_channel_error(error: Exception) -> ChannelError | None:
    """What a failure of the client means for the outbox; None for what is our own fault."""
    if isinstance(error, OSError):  # refused, reset, no such host: the client's connection errors are OSErrors
        return ChannelError(f"Grafana cannot be reached: {type(error).__name__}")
    status = getattr(error, "status_code", None)
    if status is None:
        return None
    content_fault = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING
    reason = "took too long" if status == 0 else f"answered {status}"
    return ChannelError(f"Grafana {reason}", retry=not content_fault)


def _point(measurement: str, tags: Mapping[str, str], fields: Mapping[str, str], time: str) -> str:
    tag_text = "".join(f",{key}={_tag_value(value)}" for key, value in sorted(tags.items()))
    field_text = ",".join(f"{key}={value}" for key, value in fields.items())
    return f"{measurement}{tag_text} {field_text} {_milliseconds(time) * 1_000_000}"


def _tag_value(text: str) -> str:
    """Escaped for a tag: comma, equals sign and blank; a backslash at its end would eat the separator after it."""
    kept = html.escape((safe_text(text, TAG_LETTERS) or "unknown").replace("\\", "/"))
    return kept.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def _field_text(text: str) -> str:
    """A string field: quotes and backslashes escaped; line breaks are gone since ``safe_text``."""
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def _tag(text: str) -> str:
    return html.escape(safe_text(text, TAG_LETTERS) or "unknown")


def _alert_tag(alert: Mapping[str, Any]) -> str:
    return _tag(f"alert:{_record(alert)}")


def _milliseconds(time: str) -> int:
    return round(epoch_s(time) * 1000)
