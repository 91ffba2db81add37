"""Who may ask, and what a browser may do with the answer.

Content-Security-Policy: scripts and data from this service alone; the console's windows share a worker from here,
MapLibre runs its own from blobs and keeps small pictures in data URLs; a tile host is added only when the operator
configured one. No inline script and no inline style.
An act (POST) must be JSON and must not come from another origin, so no foreign page can send one from an officer's
browser. With a token, every reading needs it: as a bearer, or as the cookie that the console gets for it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from dashboards.api.problem import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "airspace_session"
MAX_BODY_BYTES: Final = 16 * 1024
FOREIGN_PAGE: Final = (
    "This request comes from another site's page. Behind a proxy: name the address that people use in [console]"
    " public_url."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """A background map. ``url`` is a template with {z}, {x} and {y}; its host then knows the area that is viewed."""

    url: str
    attribution: str = ""
    tile_size: int = 256

    @property
    def origin(self) -> str:
        """Scheme and host, for the security policy and for the line that names it; empty for tiles of this service."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def headers(tiles: Tiles | None) -> dict[str, str]:
    """The headers that every answer carries."""
    host = f" {tiles.origin}" if tiles and tiles.origin else ""
    policy = (
        "default-src 'self'",
        f"img-src 'self' data: blob:{host}",
        f"connect-src 'self'{host}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class StrictHeaders:
    """Puts the headers on every answer; plain ASGI, so a stream of events passes through unbuffered."""

    def __init__(self, app: ASGIApp, tiles: Tiles | None = None) -> None:
        self._app = app
        self._headers = headers(tiles)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def same_origin(request: Request) -> None:
    """Refuse an act that another site's page sends from this browser."""
    origin = request.headers.get("origin")
    public = getattr(request.app.state, "public", None)
    known = public is not None and public.origin and origin == public.origin
    if origin is not None and not known and urlsplit(origin).netloc != request.headers.get("host"):
        raise refusal(403, FOREIGN_PAGE)
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise refusal(403, FOREIGN_PAGE)


async def json_body(request: Request, most_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The body of an act, no longer than that, only as ``application/json``."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise refusal(415, "Send application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise refusal(413, f"At most {most_bytes} bytes.")
    return bytes(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCheck:
    """Dependency: without a token configured everybody who reaches the port may read."""

    token: str | None

    def session(self) -> str:
        """The cookie's value: made from the token, which itself is never sent back."""
        return hmac.digest((self.token or "").encode(), b"airspace console session", "sha256").hex()

    def accepts(self, token: str) -> bool:
        """Compared in constant time."""
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    async def __call__(self, request: Request) -> None:
        """401 unless the request carries the token, or the cookie made from it."""
        if self.token is None:
            return
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.accepts(credential.strip()):
            return
        if hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self.session().encode()):
            return
        raise refusal(401, "This service asks for its access token.")
