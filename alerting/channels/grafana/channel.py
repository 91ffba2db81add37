"""The channel: every telling to annotations and Live, and once a minute all that stands.

Annotations and Live are told apart from each other: what fails with the one is still tried with the other.
Never run against a Grafana server in our tests, only against a recorder of requests.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Self

from airspace.model.alert import AlertState
from airspace.model.ports import ChannelError
from airspace.model.units import rfc3339
from alerting.channels.grafana.annotations import AnnotationBook, record_of
from alerting.channels.grafana.live import alert_point, open_point
from alerting.channels.grafana.server import Server, reach

MAX_OPEN: Final = 10_000
MAX_SHOWN: Final = 50  # open alerts that Live is told again in one push, the highest priority first
LOOK_S: Final = 5.0  # how long annotations may be gone over before a new line has its turn
STREAM: Final = "airspace"


class GrafanaChannel:
    """Implements ``airspace.model.ports.StateChannel`` over a Grafana, whose client blocks, so in a thread."""

    def __init__(self, server: Server, *, stream: str = STREAM, dashboard_uid: str | None = None) -> None:
        if not (stream.isascii() and stream.isalnum()):
            raise ValueError(f"stream {stream!r}: only letters and digits are allowed in a Grafana Live channel")
        self._server = server
        self._path = f"/live/push/{stream}"
        self._annotations = AnnotationBook(server, dashboard_uid)
        self._open: dict[str, str] = {}  # record -> verdict
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """Key of its place in the outbox."""
        return "grafana"

    @property
    def server(self) -> Server:
        """The Grafana, for whoever writes dashboards with the same token."""
        return self._server

    async def send(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Tell these alert lines. Telling one again changes its annotation and makes no second one."""
        if alerts:
            await asyncio.to_thread(self._send, alerts)

    async def refresh(self, lines: Sequence[dict[str, Any]], time_s: float) -> None:
        """Bring annotations and Live to what stands at ``time_s``: open records, and those that closed lately."""
        enough = threading.Event()
        timer = asyncio.get_running_loop().call_later(LOOK_S, enough.set)
        try:
            await asyncio.to_thread(self._refresh, lines, rfc3339(time_s), enough.is_set)
        finally:  # also when nobody waits any more: the thread must not hold up the next line
            timer.cancel()
            enough.set()

    def _send(self, alerts: Sequence[dict[str, Any]]) -> None:
        with self._alone(), _Faults(self._annotations) as faults:
            for alert in alerts:
                self._count(alert)
                with faults.kept():
                    self._annotations.tell(alert)
            with faults.kept():
                self._show(alerts, alerts[-1]["time"])

    def _refresh(self, lines: Sequence[dict[str, Any]], now: str, enough: Callable[[], bool]) -> None:
        standing = [line for line in lines if line["state"] != AlertState.CLOSED.value]
        standing.sort(key=lambda line: -int(line["priority"]))
        with self._alone(), _Faults(self._annotations) as faults:
            self._open = {record_of(line): line["verdict"] for line in standing}
            with faults.kept():
                self._show(standing[:MAX_SHOWN], now)
            with faults.kept():
                self._annotations.look(lines, now, enough)

    def _show(self, alerts: Sequence[dict[str, Any]], time: str) -> None:
        self._server.push(self._path, "\n".join([*map(alert_point, alerts), open_point(self._open.values(), time)]))

    def _count(self, alert: dict[str, Any]) -> None:
        self._open.pop(record_of(alert), None)
        if alert["state"] != AlertState.CLOSED.value:
            self._open[record_of(alert)] = alert["verdict"]
        while len(self._open) > MAX_OPEN:
            del self._open[next(iter(self._open))]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One request at a time: a caller that gave up waiting left its own in its thread."""
        if not self._turn.acquire(blocking=False):
            raise ChannelError("Grafana has not answered the request before yet")
        try:
            yield
        finally:
            self._turn.release()


class _Faults:
    """Keeps the first failure until everything was tried; then nothing that was known of Grafana is certain."""

    def __init__(self, annotations: AnnotationBook) -> None:
        self._annotations = annotations
        self._first: ChannelError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._first is not None or error is not None:
            self._annotations.forget()
        if self._first is not None and error is None:
            raise self._first

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Try the body."""
        try:
            yield
        except ChannelError as error:
            if self._first is None or (error.retry and not self._first.retry):  # what passes must be tried again
                self._first = error


def connect(
    url: str,
    token: str,
    *,
    stream: str = STREAM,
    dashboard_uid: str | None = None,
    authorities: str | None = None,
    certificate: tuple[str, str | None] | None = None,
) -> GrafanaChannel:
    """A channel to the Grafana at ``url``; ``authorities`` and ``certificate`` (with its key) are files in PEM.

    RuntimeError when the optional client is not installed, ValueError for a url or a stream that is none.
    """
    server = reach(url, token, authorities=authorities, certificate=certificate)
    return GrafanaChannel(server, stream=stream, dashboard_uid=dashboard_uid)
