"""One request to Grafana, and what came back: a JSON value of the wanted shape, or one sentence of what is wrong.

Whatever answers at the address may be something else: a sign-in page with status 200, a redirect to one, a proxy's 404,
half an answer. All of that passes, so it is tried again; only what Grafana itself refuses, in its own words (a JSON
object with a ``message``), is a fault of the content. Redirects are not followed: a login page would take a POST as a
GET, and call it well. Never run against a Grafana server in our tests, only against a recorder of requests.
"""

from __future__ import annotations

import importlib
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from airspace.model.ports import ChannelError
from airspace.model.text import safe_text

DETAIL_LETTERS: Final = 200
TIMEOUT_S: Final = 5.0
_CONTENT_FAULTS: Final = frozenset({400, 413, 422})
_HINTS: Final = {
    401: "is its token right, and not over?",
    403: "does the token's role allow it?",
}


class GrafanaError(ChannelError):
    """An answer that is not the wanted one. ``status`` None: there was none. ``own``: it is Grafana's own answer."""

    def __init__(self, message: str, *, retry: bool = True, status: int | None = None, own: bool = False) -> None:
        super().__init__(message, retry=retry)
        self.status = status
        self.own = own


class Server:
    """A Grafana over a grafana-client API object, which blocks: call it in a thread."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self._api.client.s.max_redirects = 0

    def object(self, method: str, path: str, body: Any = None, *, empty: bool = False) -> dict[str, Any]:
        """An answer that must be a JSON object, with something in it unless it may be ``empty``. ``GrafanaError``."""
        answer = self._ask(method, path, json=body)
        if not isinstance(answer, dict) or not (answer or empty):
            raise _not_grafana(method, path, answer)
        return answer

    def list(self, path: str, query: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """An answer that must be a list of JSON objects. ``GrafanaError``."""
        answer = self._ask("GET", f"{path}?{urlencode(query)}")
        if not isinstance(answer, list) or not all(isinstance(each, dict) for each in answer):
            raise _not_grafana("GET", path, answer)
        return answer

    def push(self, path: str, lines: str) -> None:
        """Send text that is answered with nothing. ``GrafanaError``."""
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        answer = self._ask("POST", path, data=lines.encode(), headers=headers, accept_empty_json=True)
        if answer and not isinstance(answer, dict):
            raise _not_grafana("POST", path, answer)

    def close(self) -> None:
        """Give the connections back."""
        self._api.client.s.close()

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        """Everything that the client raises is about the answer, so all of it is told as that."""
        try:
            return getattr(self._api.client, method)(path, **more)
        except Exception as error:
            raise _failure(error, f"{method} {path.partition('?')[0]}") from error


def _not_grafana(method: str, path: str, answer: Any) -> GrafanaError:
    what = "text, perhaps a sign-in page" if isinstance(answer, str) else f"{type(answer).__name__} of another shape"
    return GrafanaError(f"what answers {method} {path} is not Grafana ({what}): is grafana.url right?", status=200)


def _failure(error: Exception, asked: str) -> GrafanaError:
    status = getattr(error, "status_code", None)
    if status:
        return _refusal(int(status), getattr(error, "response", None), asked)
    if status == 0:
        return GrafanaError(f"Grafana took too long for {asked}")
    name = type(error).__name__
    if name == "TooManyRedirects":
        what = f"what answers {asked} is not Grafana (a redirect{_target(error)}): is grafana.url right?"
        return GrafanaError(what, status=HTTPStatus.FOUND)
    if "JSON" in name or isinstance(error, ValueError):
        return GrafanaError(f"what answers {asked} is not Grafana (no whole JSON answer): is grafana.url right?")
    if "SSL" in name or "certificate" in str(error).lower():
        return GrafanaError("Grafana's certificate is not trusted: name its authority in grafana.tls_ca_file")
    return GrafanaError(f"Grafana cannot be reached: {name}")


def _refusal(status: int, response: Any, asked: str) -> GrafanaError:
    own = isinstance(response, dict) and isinstance(response.get("message"), str)
    said = safe_text(response["message"], DETAIL_LETTERS) if own else "an answer that is not Grafana's own: a proxy?"
    hint = f", {_HINTS[status]}" if status in _HINTS else ""
    return GrafanaError(
        f"Grafana answered {status} to {asked} ({said}){hint}",
        retry=not (own and status in _CONTENT_FAULTS),
        status=status,
        own=own,
    )


def _target(error: Exception) -> str:
    """Where to, without what may be secret."""
    location = getattr(getattr(error, "response", None), "headers", {}).get("Location")
    url = urlsplit(safe_text(str(location), DETAIL_LETTERS) or "")
    return f" to {url.netloc.rpartition('@')[2]}{url.path}" if location else ""


def reach(
    url: str, token: str, *, authorities: str | None = None, certificate: tuple[str, str | None] | None = None
) -> Server:
    """The Grafana at ``url``. RuntimeError without the optional client, ValueError for what is no URL of a server."""
    parsed = urlsplit(url)
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        raise ValueError("url: an address like https://grafana.example.org/ is needed")
    try:
        grafana = importlib.import_module("grafana_client")
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "the Grafana channel needs grafana-client: pip install 'airspace-monitor[grafana]'"
        ) from error
    path = parsed.path.strip("/")
    api = grafana.GrafanaApi(
        grafana.TokenAuth(token),
        protocol=parsed.scheme,
        host=f"[{parsed.hostname}]" if ":" in parsed.hostname else parsed.hostname,
        port=parsed.port,
        url_path_prefix=f"{path}/" if path else "",
        verify=authorities or True,
        timeout=TIMEOUT_S,
    )
    if certificate is not None:
        api.client.s.cert = certificate if certificate[1] else certificate[0]
    return Server(api)


def is_status(error: Exception, *statuses: int) -> bool:
    """Whether Grafana itself, not a proxy before it, answered with one of these."""
    return isinstance(error, GrafanaError) and error.own and error.status in statuses


GONE: Final = int(HTTPStatus.NOT_FOUND)
FORBIDDEN: Final = int(HTTPStatus.FORBIDDEN)
