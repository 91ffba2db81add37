"""Guesses at a secret: slowed for each address, counted, shown.

A session's cookie is no guess (it is the digest of the token); only a bearer token or one sent for a session can be.
While an address is held back even the right token waits there: else the answer would tell which one is right.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers

from dashboards.api.problem import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FREE_GUESSES: Final = 5
FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 300.0
FORGOTTEN_AFTER_S: Final = 900.0
MOST_ADDRESSES: Final = 10_000
_UNAUTHORISED: Final = 401
_IPV6_NETWORK: Final = 64  # one subscriber has all of it
_SESSION: Final = "/api/v1/session"
_INGEST: Final = "/api/v1/detections"


@dataclass(slots=True)
class _Record:
    failures: int = 0
    last_s: float = 0.0
    until_s: float = 0.0


class Attempts:
    """What each address has guessed. ``monotonic`` gives seconds; bounded: the address longest quiet is forgotten."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self.failures = 0  # since the start, of all addresses
        self.held_back = 0

    def wait_s(self, address: str) -> float:
        """How long this address must wait before it may try again; 0: not at all."""
        record = self._records.get(address)
        return 0.0 if record is None else max(0.0, record.until_s - self._monotonic())

    def failed(self, address: str) -> None:
        """A guess was wrong."""
        now_s = self._monotonic()
        record = self._records.pop(address, None)
        if record is None or now_s - record.last_s > FORGOTTEN_AFTER_S:
            record = _Record()
        record.failures += 1
        record.last_s = now_s
        if record.failures > FREE_GUESSES:
            doublings = min(record.failures - FREE_GUESSES - 1, 10)
            record.until_s = now_s + min(FIRST_WAIT_S * 2**doublings, LONGEST_WAIT_S)
        self._records[address] = record
        self.failures += 1
        while len(self._records) > MOST_ADDRESSES:
            self._records.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """The right one: what went before is forgotten."""
        self._records.pop(address, None)


def network_of(address: str) -> str:
    """The address as guesses are counted by: an IPv6 network of 64 bits is one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network((parsed, _IPV6_NETWORK), strict=False))  # noqa: PLR2004 -- IPv4


class SlowGuesses:
    """ASGI: counts wrong tokens by address, and answers 429 while an address must wait."""

    def __init__(self, app: ASGIApp, attempts: Attempts) -> None:
        self._app = app
        self._attempts = attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or hold back."""
        if scope["type"] != "http" or not _guesses(scope):
            await self._app(scope, receive, send)
            return
        kind = "sensor" if scope["path"].endswith(_INGEST) else "person"
        key = f"{kind} {network_of((scope.get('client') or ('unknown', 0))[0])}"
        wait_s = self._attempts.wait_s(key)
        if wait_s > 0:
            self._attempts.held_back += 1
            detail = f"Too many wrong tokens from this address: try again in {wait_s:.0f} s."
            await problem(429, detail, {"Retry-After": str(int(wait_s) + 1)})(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                wrong = message["status"] == _UNAUTHORISED
                (self._attempts.failed if wrong else self._attempts.succeeded)(key)
            await send(message)

        await self._app(scope, receive, counted)


def _guesses(scope: Scope) -> bool:
    return "authorization" in Headers(scope=scope) or scope["path"].endswith(_SESSION)
