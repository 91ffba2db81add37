"""``GET /api/v1/tracks/{track_id}/explain``: why a live drone is judged as it is, condition by condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from airspace.model.units import epoch_s
from dashboards.api import shapes
from dashboards.api.guard import TokenCheck
from dashboards.api.problem import problems, refusal
from dashboards.api.routes import json_answer

if TYPE_CHECKING:
    from airspace.model.ports import View

_TIME: Final = {
    "name": "time",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "format": "date-time"},
    "description": "RFC 3339; now without it. Only the last picture is kept.",
}


def explain(view: View, check: TokenCheck) -> APIRouter:
    """The route over one view."""
    router = APIRouter(prefix="/api/v1/tracks", dependencies=[Depends(check)], tags=["readings"])

    async def explaining(track_id: str, request: Request) -> Response:
        time_s = _time(request.query_params.get("time"))
        try:
            told = view.explain(track_id, time_s)
        except KeyError as error:
            raise refusal(404, "There is no such live track.") from error
        except ValueError as error:
            raise refusal(409, str(error)) from error
        return json_answer(told)

    router.add_api_route(
        "/{track_id}/explain",
        explaining,
        methods=["GET"],
        name="explain",
        summary="Why a drone is judged as it is: each condition, whether it is met and by how much",
        responses={
            200: {"model": shapes.Explanation},
            **problems(
                s401="The access token is missing or wrong",
                s404="No such live track",
                s409="That time is not kept",
                s422="The time is not RFC 3339",
            ),
        },
        openapi_extra={"parameters": [_TIME]},
    )
    return router


def _time(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return epoch_s(text.replace(" ", "+"))  # an unescaped + arrives as a space
    except ValueError as error:
        raise refusal(422, "time: RFC 3339 with an offset, like 2026-05-01T18:30:00Z.") from error
