"""``/api/v1``: what the view shows, and what a person can do to an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from airspace.model.log import CommandKind
from airspace.model.ports import AlertConflict, NotStoredYet
from airspace.model.text import safe_text
from dashboards.api import shapes
from dashboards.api.guard import COOKIE, Tiles, TokenCheck, json_body, same_origin
from dashboards.api.problem import MEDIA_TYPE, Refusal, problems, refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from airspace.model.ports import View

_ACTS: Final = {
    "acknowledge": (CommandKind.ACKNOWLEDGE, "Take an alert; `instead_of` names the owner who is replaced"),
    "hand_over": (CommandKind.HAND_OVER, "Hand an alert over; `to` says to whom"),
    "close": (CommandKind.CLOSE, "Close an alert with its outcome, or give a record its outcome afterwards"),
    "reopen": (CommandKind.REOPEN, "Undo a mistaken outcome while the drone still flies"),
}
_FORMER: Final = {"hand-over": CommandKind.HAND_OVER}  # a name that is still answered
_ACT_SCHEMA: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": msgspec.json.schema(shapes.Act)["$defs"]["Act"]}},
    }
}


def json_answer(value: Any, status: int = 200) -> Response:
    """JSON as every route sends it: unknown numbers are null, nothing is kept in a cache."""
    return Response(
        msgspec.json.encode(value),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def readings(view: View, check: TokenCheck, tiles: Tiles | None, without: frozenset[str] = frozenset()) -> APIRouter:
    """Everything that can be read, but what others answer."""
    router = APIRouter(prefix="/api/v1", dependencies=[Depends(check)], tags=["readings"])
    settings = {"tiles": None if tiles is None else _tiles(tiles)}
    sources: tuple[tuple[str, str, Callable[[], Any], Any], ...] = (
        ("tracks", "Live tracks", view.tracks, list[shapes.Track]),
        ("alerts", "Open alerts by priority, handled ones, records newest first", view.alerts, list[shapes.Alert]),
        ("zones", "Zones in force, as GeoJSON", view.zones, shapes.Zones),
        ("sensors", "Sensors and whether they are heard", view.sensors, list[shapes.Sensor]),
        ("notices", "Notices of now and the next day", view.notices, list[shapes.Notice]),
        ("status", "State line, clock and the day's counts", view.status, shapes.Status),
        ("settings", "What the console needs to know before it draws", lambda: settings, dict[str, Any]),
    )
    for name, summary, read, model in sources:
        if name in without:
            continue
        answers = {200: {"model": model}, **problems(s401="The access token is missing or wrong")}
        router.add_api_route(f"/{name}", _reading(read), name=name, summary=summary, responses=answers)
    return router


def acts(view: View, check: TokenCheck) -> APIRouter:
    """Everything a person can do."""
    router = APIRouter(
        prefix="/api/v1/alerts/{alert_id}", dependencies=[Depends(check), Depends(same_origin)], tags=["acts"]
    )
    answers = {
        200: {"model": shapes.Alert},
        **problems(
            s401="The access token is missing or wrong",
            s403="Sent by another site's page",
            s404="No such alert",
            s415="Not JSON",
            s422="The act is incomplete",
            s503="Not stored yet: it will be done when the database answers",
        ),
        409: _conflict("Somebody else has it, or its state does not allow this step"),
    }
    for name, (kind, summary) in _ACTS.items():
        router.add_api_route(
            f"/{name}",
            _acting(view, kind),
            methods=["POST"],
            name=name,
            summary=summary,
            responses=answers,
            openapi_extra=_ACT_SCHEMA,
        )
    for name, kind in _FORMER.items():
        router.add_api_route(f"/{name}", _acting(view, kind), methods=["POST"], include_in_schema=False)
    return router


def session(check: TokenCheck) -> APIRouter:
    """Token in, cookie out: a browser's event stream cannot send an Authorization header."""
    router = APIRouter(tags=["session"], dependencies=[Depends(same_origin)])

    @router.post("/api/v1/session", status_code=204, summary="Exchange the access token for a session cookie")
    async def open_session(request: Request) -> Response:
        check.hold(request)  # before a byte of the body is awaited
        body = await json_body(request)
        try:
            token = msgspec.json.decode(body, type=dict[str, str]).get("token", "")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise refusal(422, 'Send {"token": "..."}.') from error
        cookie = check.session(request, token)
        answer = Response(status_code=204)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=secure)
        return answer

    return router


def _reading(read: Callable[[], Any]) -> Callable[[], Awaitable[Response]]:
    async def reading() -> Response:  # a coroutine, so that the view is read between two steps of its own loop
        return json_answer(read())

    return reading


def _acting(view: View, kind: CommandKind) -> Callable[[str, Request], Awaitable[Response]]:
    async def acting(alert_id: str, request: Request) -> Response:
        act = _act(await json_body(request))
        by = safe_text(act.by, shapes.NAME_LETTERS)
        if by is None:
            raise refusal(422, "by: say who acts.")
        if kind is CommandKind.CLOSE and act.outcome is None:
            raise refusal(422, f"outcome: one of {', '.join(shapes.Outcome)}.")
        note = safe_text(act.note, shapes.NOTE_LETTERS) if act.note else None
        outcome = act.outcome.value if act.outcome else None
        try:
            told = await view.command(
                kind.value, alert_id, by, note, outcome, instead_of=_name(act.instead_of), to=_name(act.to)
            )
        except KeyError as error:
            raise refusal(404, "There is no such alert.") from error
        except NotStoredYet as error:
            raise Refusal(503, str(error), {"pending": True}) from error
        except AlertConflict as error:
            raise Refusal(409, error.detail, {"taken_by": error.taken_by, "since": error.since}) from error
        return json_answer(told)

    return acting


def _name(text: str | None) -> str | None:
    return None if text is None else safe_text(text, shapes.NAME_LETTERS)


def _act(body: bytes) -> shapes.Act:
    try:
        return msgspec.json.decode(body, type=shapes.Act)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refusal(422, str(error)) from error


def _conflict(text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": shapes.AlertProblem.model_json_schema()}},
    }


def _tiles(tiles: Tiles) -> dict[str, Any]:
    return {
        "url": tiles.url,
        "attribution": tiles.attribution,
        "tile_size": tiles.tile_size,
        "host": tiles.origin.partition("://")[2],
    }
