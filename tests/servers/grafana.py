"""A recorder that answers on loopback as a Grafana's HTTP API would, and misbehaves as real servers do.

It is no Grafana and proves nothing about one: only that what we send is what we mean to send, and that any answer is
survived. What it answers was written down by hand from Grafana's documentation and from what a real one said.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SIGN_IN = "<!DOCTYPE html><html><title>Sign in</title><form action=/login></form></html>"
ADMIN = [
    *(f"annotations:{act}" for act in ("create", "delete", "read", "write")),
    *(f"dashboards:{act}" for act in ("create", "delete", "read", "write")),
    *(f"folders:{act}" for act in ("create", "read", "write")),
    *(f"datasources:{act}" for act in ("create", "query", "read", "write")),
]
EDITOR = [right for right in ADMIN if right.startswith(("annotations", "dashboards", "folders"))]

# What a request meets: status, content type, body; None for the body is Grafana's own answer.
FAULTS: dict[str, tuple[int, str, str]] = {
    "sign-in page": (200, "text/html; charset=utf-8", SIGN_IN),
    "sign-in page called JSON": (200, "application/json", SIGN_IN),
    "{}": (200, "application/json", "{}"),
    "null": (200, "application/json", "null"),
    "a number": (200, "application/json", "7"),
    "nothing": (200, "application/json", ""),
    "deep": (200, "application/json", "[" * 100_000),
    "302": (302, "text/html", ""),
    "401": (401, "application/json", '{"message": "Invalid API key"}'),
    "403": (403, "application/json", '{"message": "You\'ll need additional permissions to perform this action."}'),
    "404 of a proxy": (404, "text/html", "<h1>404 page not found</h1>"),
    "400 of a proxy": (400, "text/html", "<h1>400 Bad Request</h1>"),
    "500, locked": (500, "application/json", '{"message": "Failed to save annotation: database is locked"}'),
    "502": (502, "text/html", "<h1>502 Bad Gateway</h1>"),
    "429": (429, "application/json", '{"message": "rate limit"}'),
}


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Recorder:
    """Keeps every request, and what a Grafana would keep."""

    url: str = ""
    version: str = "11.6.0"
    rights: list[str] = field(default_factory=lambda: list(ADMIN))
    source_health: tuple[int, dict[str, str]] = (200, {"status": "OK", "message": "Database Connection OK"})
    requests: list[Request] = field(default_factory=list)
    annotations: dict[int, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)  # path -> what was put there: folder, data source, dashboards
    faults: dict[str, str] = field(
        default_factory=dict
    )  # method, or method and path -> name of a fault, "half", "late"
    carried_out: bool = True  # whether a request that is answered late is done at once, or never
    answer_late: threading.Event = field(default_factory=threading.Event)

    def named(self, method: str, start: str) -> list[Request]:
        return [one for one in self.requests if one.method == method and one.path.startswith(start)]

    @property
    def pushed(self) -> list[str]:
        """Every line that Live got."""
        return [line for one in self.named("POST", "/api/live/push/") for line in one.body.splitlines()]

    def open_annotations(self) -> list[dict[str, Any]]:
        return [one for one in self.annotations.values() if "closed" not in one["tags"]]

    def fault(self, method: str, path: str) -> str | None:
        for key in (f"{method} {path}", method, path, "*"):
            if key in self.faults:
                return self.faults[key]
        return None

    def answer(self, method: str, target: str, body: str) -> tuple[int, Any]:
        """What a Grafana does and says."""
        path = urlsplit(target).path.removeprefix("/api")
        if path == "/health":
            return 200, {"database": "ok", "version": self.version, "commit": "0"}
        if path == "/access-control/user/permissions":
            return 200, {right: ["*"] for right in self.rights}
        if path.startswith("/live/push/"):
            return 200, None
        if path.startswith("/annotations"):
            return self._annotation(method, path, parse_qsl(urlsplit(target).query), body)
        if path.endswith("/health"):
            return self.source_health
        return self._thing(method, path, body)

    def _annotation(self, method: str, path: str, query: list[tuple[str, str]], body: str) -> tuple[int, Any]:
        if method == "GET":
            tags = {value for key, value in query if key == "tags"}
            return 200, [one for one in reversed(self.annotations.values()) if tags <= set(one["tags"])]
        if method == "POST":
            number = max(self.annotations, default=0) + 1
            self.annotations[number] = {"id": number, **json.loads(body)}
            return 200, {"message": "Annotation added", "id": number}
        number = int(path.rpartition("/")[2])
        if number not in self.annotations:
            return 404, {"message": "Annotation not found"}
        if method == "DELETE":
            del self.annotations[number]
            return 200, {"message": "Annotation deleted"}
        self.annotations[number] |= json.loads(body)
        return 200, {"message": "Annotation patched"}

    def _thing(self, method: str, path: str, body: str) -> tuple[int, Any]:
        if method == "GET":
            return (200, self.kept[path]) if path in self.kept else (404, {"message": "not found"})
        sent = json.loads(body)
        where = {
            "/folders": lambda: f"/folders/{sent['uid']}",
            "/datasources": lambda: f"/datasources/uid/{sent['uid']}",
            "/dashboards/db": lambda: f"/dashboards/uid/{sent['dashboard']['uid']}",
        }.get(path, lambda: path)()
        self.kept[where] = sent
        return 200, {"message": "saved", "status": "success"}


class _Handler(BaseHTTPRequestHandler):
    recorder: Recorder

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        kept, headers = self.recorder, {key.lower(): value for key, value in self.headers.items()}
        kept.requests.append(Request(self.command, self.path, headers, body))
        fault = kept.fault(self.command, urlsplit(self.path).path)
        if fault in FAULTS:
            status, kind, text = FAULTS[fault]
            return self._say(status, kind, text.encode())
        if fault == "late" and not kept.carried_out:
            kept.answer_late.wait(10)
            return self._say(504, "text/html", b"")
        status, content = kept.answer(self.command, self.path, body)
        data = b"" if content is None else json.dumps(content).encode()
        if fault == "late":
            kept.answer_late.wait(10)
        return self._say(status, "application/json", data, half=fault == "half")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names are the base class's

    def _say(self, status: int, kind: str, data: bytes, *, half: bool = False) -> None:
        with suppress(OSError):  # whoever asked has gone
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/login")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data) + (0 if not half else 10)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if half else data)
            if half:
                self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@contextmanager
def recording(recorder: Recorder | None = None, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Recorder]:
    """A recorder that listens; given one again, on its port, it has been restarted."""
    kept = recorder or Recorder()
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"recorder": kept}))
    server.daemon_threads = True
    server.block_on_close = False
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    kept.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield kept
    finally:
        kept.answer_late.set()
        server.shutdown()
        thread.join()
        server.server_close()
