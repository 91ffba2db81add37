"""``/api/v1/notices``: what is notified, and what a person can do with it. Who did it and when is kept with the notice.

Every write says ``by``. A revision names the version that it changes: when somebody was faster the answer is 409, and
nothing of his is overwritten. What changes is in force at the judge's next tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from airspace.model.notice import NoticeConflict, NoticeState
from airspace.model.ports import StoreUnavailable
from airspace.model.text import safe_text
from airspace.model.units import epoch_s
from dashboards.api import shapes
from dashboards.api.guard import TokenCheck, json_body, same_origin
from dashboards.api.problem import problems, refusal
from dashboards.api.routes import json_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from airspace.model.ports import NoticeDesk

MAX_NOTICE_BYTES: Final = 1 << 20  # a polygon of 10,000 vertices, as F3548 allows, is half of it
_PREFIX: Final = "/api/v1/notices"
_STEPS: Final = {
    "approve": "Approve a requested notice",
    "activate": "Activate an approved notice within its time",
    "end": "End an active notice",
    "cancel": "Cancel a notice; a flight that it allowed is given two minutes to land",
}
_FILTERS: Final = [
    {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": text}
    for name, text in (
        ("state", f"one or more of {', '.join(NoticeState)}, parted by commas; all without it"),
        ("from", "RFC 3339; notices that end later. Now without it"),
        ("to", "RFC 3339; notices that begin earlier. A day after from without it"),
    )
]
_WRITES: Final = {
    "s401": "The access token is missing or wrong",
    "s403": "Sent by another site's page",
    "s404": "No such notice",
    "s409": "Another version, or a state that does not allow the step",
    "s413": "Too large",
    "s415": "Not JSON",
    "s422": "What was sent cannot be used; the detail names the field",
    "s503": "The database does not answer",
}

Shape = TypeVar("Shape")


def notices(desk: NoticeDesk, check: TokenCheck) -> APIRouter:
    """Reading and writing notices."""
    reading = APIRouter(dependencies=[Depends(check)])
    _readings(reading, desk)
    acting = APIRouter(dependencies=[Depends(check), Depends(same_origin)])
    _writings(acting, desk)
    for step, summary in _STEPS.items():
        acting.add_api_route(
            f"/{{notice_id}}/{step}",
            _stepping(desk, step),
            methods=["POST"],
            name=f"{step} notice",
            summary=summary,
            responses={200: {"model": shapes.NoticeDetails}, **problems(**_WRITES)},
            openapi_extra=_body(shapes.NoticeStep),
        )
    whole = APIRouter(tags=["notices"])
    for router in (reading, acting):
        whole.include_router(router, prefix=_PREFIX)
    return whole


def _readings(router: APIRouter, desk: NoticeDesk) -> None:
    lacking = problems(s401=_WRITES["s401"], s422="A filter cannot be read", s503=_WRITES["s503"])

    @router.get(
        "",
        summary="Notices, the earliest first; those of now and the next day unless asked otherwise",
        responses={200: {"model": list[shapes.Notice]}, **lacking},
        openapi_extra={"parameters": _FILTERS},
    )
    async def list_notices(request: Request) -> Response:
        query = request.query_params
        words = [word for word in query.get("state", "").split(",") if word]
        try:
            states = [NoticeState(word) for word in words]
            times_s = [None if name not in query else epoch_s(query[name]) for name in ("from", "to")]
        except ValueError as error:
            raise refusal(422, f"state, from, to: {safe_text(str(error), shapes.NOTE_LETTERS)}") from error
        return await _answered(lambda: desk.list(states, *times_s))

    @router.get(
        "/{notice_id}",
        summary="One notice with its volumes and its history",
        responses={200: {"model": shapes.NoticeDetails}, **problems(s404=_WRITES["s404"]), **lacking},
    )
    async def show_notice(notice_id: str) -> Response:
        return await _answered(lambda: desk.show(notice_id))


def _writings(router: APIRouter, desk: NoticeDesk) -> None:
    answers = {"model": shapes.NoticeDetails}

    @router.post(
        "",
        status_code=201,
        summary="Enter a notice, requested or approved",
        responses={201: answers, **problems(**_WRITES)},
        openapi_extra=_body(shapes.NoticeEntry),
    )
    async def create_notice(request: Request) -> Response:
        entry = await _sent(request, shapes.NoticeEntry)
        return await _answered(lambda: desk.create(entry.notice, _by(entry.by), _note(entry.note)), 201)

    @router.patch(
        "/{notice_id}",
        summary="Revise a notice: the fields that are named change, the others stay",
        responses={200: answers, **problems(**_WRITES)},
        openapi_extra=_body(shapes.NoticeChange),
    )
    async def revise_notice(notice_id: str, request: Request) -> Response:
        change = await _sent(request, shapes.NoticeChange)
        return await _answered(
            lambda: desk.revise(notice_id, change.version, change.notice, _by(change.by), _note(change.note))
        )


def _stepping(desk: NoticeDesk, step: str) -> Callable[[str, Request], Awaitable[Response]]:
    async def stepping(notice_id: str, request: Request) -> Response:
        act = await _sent(request, shapes.NoticeStep)
        return await _answered(lambda: desk.step(notice_id, step, _by(act.by), _note(act.note), act.version))

    return stepping


async def _answered(ask: Callable[[], Awaitable[Any]], status: int = 200) -> Response:
    """What the desk says; its refusals as problems."""
    try:
        return json_answer(await ask(), status)
    except KeyError as error:
        raise refusal(404, "There is no such notice.") from error
    except NoticeConflict as error:
        raise refusal(409, str(error)) from error
    except ValueError as error:
        raise refusal(422, safe_text(str(error), shapes.NOTE_LETTERS) or "It cannot be used.") from error
    except StoreUnavailable as error:
        raise refusal(503, "The database does not answer; try again.") from error


async def _sent(request: Request, shape: type[Shape]) -> Shape:
    body = await json_body(request, MAX_NOTICE_BYTES)
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refusal(422, str(error)) from error


def _by(text: str) -> str:
    clean = safe_text(text, shapes.NAME_LETTERS)
    if clean is None:
        raise refusal(422, "by: say who acts.")
    return clean


def _note(text: str | None) -> str | None:
    return safe_text(text, shapes.NOTE_LETTERS) if text else None


def _body(shape: type[msgspec.Struct]) -> dict[str, Any]:
    schema = msgspec.json.schema(shape)["$defs"][shape.__name__]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
