"""HTTP: a document that is fetched again and again (readsb's ``aircraft.json``), one message a fetch.

Uses ``httpx`` (extra ``http``) and not urllib in a thread: only a task can be cancelled at once and bounded as a whole,
a thread would sit out a server that sends a byte now and then. The document is asked for uncompressed, so that its size
on the wire is its size; unchanged ones (ETag, Last-Modified) are not delivered again. A redirect is followed within
the host only, and never from HTTPS down to HTTP.
"""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage
from airspace.model.text import safe_text
from receivers.sources.streams import FIRST_PAUSE_S, Backoff, PlainDelivery, reason, refuses

if TYPE_CHECKING:
    import httpx

MAX_REDIRECTS: Final = 3
_MAX_PLACE_LETTERS: Final = 200

_log = structlog.get_logger(__name__)

_REFUSALS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED)


class PollError(Exception):
    """A fetch that brought no document; the message is what a health page shows."""


class PollRefusedError(PollError):
    """The server asks for another token, or does not let us have the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPollSettings:
    """What is fetched and how often. ``sensor`` is whose messages they are, where the messages do not say."""

    url: str
    sensor: str | None = None
    every_s: float = 2.0
    timeout_s: float = 10.0  # for a fetch as a whole
    max_bytes: int = MAX_PAYLOAD_BYTES
    token: str | None = None  # sent as a bearer token, to this host only
    tls: ssl.SSLContext | None = None


class HttpPoll:
    """A URL as a live source. ``counters`` has received, unchanged and failed."""

    def __init__(
        self, settings: HttpPollSettings, *, clock: Callable[[], float], first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        address = urlsplit(settings.url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ValueError(f"{settings.url!r} is no http or https URL")
        if address.username is not None:
            raise ValueError("a polled URL must not carry a password: it would stand in every log")
        self._httpx = _httpx()
        self._settings = settings
        self._clock = clock
        self._backoff = Backoff(first_pause_s)
        self._counters: Counter[str] = Counter()
        self._seen: dict[str, str] = {}  # conditions of the next request
        self._last: bytes | None = None  # the last document: the same again is no news, whatever its server says
        place = f"{address.scheme}://{address.netloc}{address.path}"  # a query may hold a key
        self._place = safe_text(place, _MAX_PLACE_LETTERS) or ""
        self.fault: str | None = "not fetched yet"  # why the last fetch failed, for health pages
        self.refused = False  # whether the other end answers and does not let us in

    @property
    def name(self) -> str:
        """``poll:`` and the URL without its query."""
        return f"poll:{self._place}"

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[PlainDelivery, None]:
        """A delivery for each document that is new."""
        settings = self._settings
        verify = True if settings.tls is None else settings.tls
        limits = self._httpx.Timeout(settings.timeout_s)
        async with self._httpx.AsyncClient(timeout=limits, verify=verify, trust_env=False) as client:
            while True:
                try:
                    async with asyncio.timeout(settings.timeout_s):
                        body = await self._fetch(client)
                except (self._httpx.HTTPError, self._httpx.InvalidURL, OSError, PollError) as error:
                    self._note(error)
                    await self._backoff.pause()
                    continue
                self._backoff.reset()
                self.fault = None
                if body is not None:
                    self._counters["received"] += 1
                    yield PlainDelivery([self._message(body)])
                await asyncio.sleep(settings.every_s)

    def _message(self, body: bytes) -> RawMessage:
        return RawMessage(payload=body, received_s=self._clock(), sensor=self._settings.sensor, place=self._place)

    def _note(self, error: Exception) -> None:
        said = (
            f"no document within {self._settings.timeout_s:g} s" if isinstance(error, TimeoutError) else reason(error)
        )
        if self.fault != said:
            _log.warning("document not fetched", source=self.name, reason=said)
        self.fault, self.refused = said, isinstance(error, PollRefusedError) or refuses(error)
        self._counters["failed"] += 1

    async def _fetch(self, client: httpx.AsyncClient) -> bytes | None:
        """The document, None if it has not changed."""
        headers = {"Accept-Encoding": "identity", **self._seen}
        if self._settings.token is not None:
            headers["Authorization"] = f"Bearer {self._settings.token}"
        request = client.build_request("GET", self._settings.url, headers=headers)
        for _ in range(MAX_REDIRECTS + 1):
            response = await client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return await self._document(response)
                request = _followed(request, response.next_request)
            finally:
                await response.aclose()
        raise PollError(f"more than {MAX_REDIRECTS} redirects")

    async def _document(self, response: httpx.Response) -> bytes | None:
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            self._counters["unchanged"] += 1
            return None
        if response.status_code != HTTPStatus.OK:
            fault = PollRefusedError if response.status_code in _REFUSALS else PollError
            raise fault(f"the server answered {response.status_code}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise PollError("the server sent it compressed, which was not asked for")
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > self._settings.max_bytes:
                raise PollError(f"more than {self._settings.max_bytes} bytes")
        self._remember(response.headers)
        return self._news(bytes(body))

    def _news(self, body: bytes) -> bytes | None:
        if body == self._last:
            self._counters["unchanged"] += 1
            return None
        self._last = body
        return body

    def _remember(self, headers: Mapping[str, str]) -> None:
        pairs = (("If-None-Match", headers.get("ETag")), ("If-Modified-Since", headers.get("Last-Modified")))
        self._seen = {name: value for name, value in pairs if value is not None}


def _followed(request: httpx.Request, following: httpx.Request) -> httpx.Request:
    """The request after a redirect; refused where it leaves the host or the encryption."""
    if following.url.host != request.url.host or (request.url.scheme == "https" != following.url.scheme):
        raise PollError(f"redirected to {safe_text(str(following.url.copy_with(query=None)), 100)}, not followed")
    return following


def _httpx() -> Any:
    try:
        return importlib.import_module("httpx")
    except ModuleNotFoundError as error:
        raise RuntimeError("polling over HTTP needs httpx: install the extra 'http'") from error
