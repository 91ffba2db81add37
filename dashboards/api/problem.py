"""Errors as RFC 9457 problem details. No stack trace, path or value from inside leaves the service."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi.exceptions import HTTPException, RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

MEDIA_TYPE: Final = "application/problem+json"


class Refusal(HTTPException):
    """A problem with members of its own (RFC 9457, 3.2)."""

    def __init__(self, status: int, detail: str, members: Mapping[str, Any]) -> None:
        super().__init__(status_code=status, detail=detail)
        self.members = members


def problem(
    status: int,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """A problem of type ``about:blank``: the title is the status's own phrase, the detail says what to mend."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **(members or {})}
    if detail:
        body["detail"] = detail
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def refusal(status: int, detail: str, headers: Mapping[str, str] | None = None) -> HTTPException:
    """To raise inside a handler or a dependency."""
    return HTTPException(status_code=status, detail=detail, headers=headers)


def problems(**details: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI answers for these statuses, each keyword an ``s`` with the number: ``s404="No such notice"``."""
    return {
        int(status.removeprefix("s")): {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, text in details.items()
    }


def install(app: FastAPI) -> None:
    """Every error of the application becomes a problem."""
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _fault)


async def _http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, StarletteHTTPException):
        raise error
    members = error.members if isinstance(error, Refusal) else None
    return problem(error.status_code, error.detail, error.headers, members)


async def _invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    places = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5])
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, places)


async def _fault(_request: Request, _error: Exception) -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR)
