"""Under which names the service may be asked, and what a proxy before it may say.

A browser sends a page's own name as ``Host``. A foreign name that somebody pointed at this machine (DNS rebinding)
would let that name's page read alerts and take them, so only named hosts are answered. An address is no name and always
may.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse

from dashboards.api.problem import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
FOREIGN: Final = "This service is not asked under that name: name it in [console] hosts or public_url."


@dataclass(frozen=True, slots=True)
class Public:
    """How people reach the console from outside: ``https://drones.example.org/tower/``; empty: only as it listens."""

    url: str = ""

    @property
    def origin(self) -> str:
        """Scheme and host, as browsers write an origin."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""

    @property
    def host(self) -> str:
        """The name alone."""
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def prefix(self) -> str:
        """The path before ours, without its last stroke."""
        return urlsplit(self.url).path.rstrip("/")


def name_of(host: str) -> str:
    """The name in a ``Host`` header, without port and brackets, in small letters."""
    return (urlsplit(f"//{host}").hostname or "").lower().rstrip(".")


def is_address(name: str) -> bool:
    """Whether it is an address and no name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


class KnownHosts:
    """ASGI: refuses other hosts with 403, and takes the public prefix off a path that a proxy left on."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), public: Public | None = None) -> None:
        self._app = app
        self._public = public or Public()
        self._names = LOOPBACK | {name_of(name) for name in names} | {self._public.host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            name = name_of(Headers(scope=scope).get("host", ""))
        except ValueError:  # brackets without an address
            name = ""
        if not name or (name not in self._names and not is_address(name)):
            await problem(403, FOREIGN)(scope, receive, send)
            return
        if scope["path"] == self._public.prefix and self._public.prefix:
            answer = RedirectResponse(f"{self._public.prefix}/", status_code=308)  # the page's links are relative
            await answer(scope, receive, send)
            return
        await self._app(self._without_prefix(scope), receive, send)

    def _without_prefix(self, scope: Scope) -> Scope:
        prefix, path = self._public.prefix, scope["path"]
        if not prefix or not path.startswith(f"{prefix}/"):
            return scope
        return {**scope, "path": path[len(prefix) :]}
