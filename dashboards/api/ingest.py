"""``POST /api/v1/detections``: sensors that speak HTTP. 202 means stored; another answer says to wait or what to mend.

The bearer token is the sensor's own, not the console's, and says which sensor it is. A compressed body is unpacked no
further than ``MAX_PLAIN_BYTES``. What the messages look like is any JSON format that the service reads from a broker.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from airspace.model.body import await_body
from airspace.model.ports import IntakeFault, NotTaken
from dashboards.api.attempts import Attempts, Who, address_of
from dashboards.api.problem import problem, problems, refusal
from dashboards.api.routes import json_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airspace.model.ports import Intake

MAX_BODY_BYTES: Final = 1 << 20
MAX_PLAIN_BYTES: Final = 1 << 22  # 4,096 messages of a kilobyte
BODY_WITHIN_S: Final = 120.0  # the longest over 70 kbit/s
CUT_AFTER_S: Final = BODY_WITHIN_S + 5.0  # by the server, if the answer has not ended it
MAX_BODIES_EACH: Final = 8  # on their way from one sensor, so that one secret cannot take the place of all
RETRY_AFTER_S: Final = {IntakeFault.TOO_MANY: 1, IntakeFault.BUSY: 5}
MEDIA_TYPES: Final = ("application/json", "application/x-ndjson", "application/jsonl")
MAX_MEMBERS: Final = 64  # of a gzip body: each costs a copy of what follows
_GZIP: Final = 16 + zlib.MAX_WBITS
_STATUS: Final = {
    IntakeFault.MALFORMED: HTTPStatus.UNPROCESSABLE_ENTITY,
    IntakeFault.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    IntakeFault.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    IntakeFault.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}
_ANSWERS: Final = {
    202: {
        "description": "Every message is stored, or in quarantine with its reason",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["messages"],
                    "properties": {"messages": {"type": "integer", "description": "how many the body held"}},
                }
            }
        },
    },
    **problems(
        s401="No token, or not the token of a sensor",
        s403="The sensor may not send now: its time in the registry is over",
        s408="The body did not arrive in time",
        s413="Too large, packed or unpacked, or too many messages",
        s415="Not JSON, or packed otherwise than with gzip",
        s422="Not messages",
        s429="Too many requests of this sensor at a time; Retry-After says when",
        s503="Not stored in time: send it again after Retry-After; what was stored is not stored twice",
    ),
}
_DESCRIPTION: Final = (
    "One message, an array, JSON lines or objects glued together, plain or with `Content-Encoding: gzip`; at most"
    f" {MAX_BODY_BYTES} bytes as sent, {MAX_PLAIN_BYTES} unpacked. Answered after the commit."
    " The sensor is the token's, whatever the messages say."
)
_SENT: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Content-Encoding",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "enum": ["gzip", "identity"]},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": ["object", "array"]}} for kind in MEDIA_TYPES},
    },
}
_BEARER: Final = HTTPBearer(
    scheme_name="sensorToken", description="The secret of one sensor of the registry", auto_error=False
)  # for the description; the header is read below


def ingest(intake: Intake, attempts: Attempts) -> APIRouter:
    """The route."""
    router = APIRouter(prefix="/api/v1", tags=["ingest"])
    coming = Counter[str]()

    @router.post(
        "/detections",
        status_code=202,
        summary="Hand in what a sensor heard",
        description=_DESCRIPTION,
        responses=_ANSWERS,
        openapi_extra=_SENT,
        dependencies=[Depends(_BEARER)],
    )
    async def detections(request: Request) -> Response:
        sensor = _sensor(intake, request, attempts)
        _check_kind(request)
        with _place(coming, sensor):
            await_body(request.scope.setdefault("state", {}), CUT_AFTER_S)
            body = await _unpacked(request)
        try:
            count = await intake.take(sensor, body)
        except NotTaken as fault:
            return _refused(fault)
        return json_answer({"messages": count}, HTTPStatus.ACCEPTED)

    return router


def _sensor(intake: Intake, request: Request, attempts: Attempts) -> str:
    """Before a byte of the body is read."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    sensor = _whose(intake, request, attempts, token.strip()) if scheme.lower() == "bearer" else None
    if sensor is None:
        raise refusal(HTTPStatus.UNAUTHORIZED, "Send the token of a sensor: Authorization: Bearer ...")
    why = intake.closed(sensor)
    if why is not None:
        raise refusal(HTTPStatus.FORBIDDEN, why)
    return sensor


def _whose(intake: Intake, request: Request, attempts: Attempts, token: str) -> str | None:
    address = address_of(request, Who.SENSOR)
    attempts.hold(address)
    sensor = intake.sensor_of(token)
    attempts.told(address, token, right=sensor is not None)
    return sensor


@contextmanager
def _place(coming: Counter[str], sensor: str) -> Iterator[None]:
    if coming[sensor] >= MAX_BODIES_EACH:
        detail = f"At most {MAX_BODIES_EACH} requests of a sensor at a time."
        raise refusal(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(RETRY_AFTER_S[IntakeFault.TOO_MANY])})
    coming[sensor] += 1
    try:
        yield
    finally:
        coming[sensor] -= 1


def _check_kind(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send one of {', '.join(MEDIA_TYPES)}.")
    if _packing(request) not in {"gzip", "identity"}:
        raise refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send it plain or with Content-Encoding: gzip.")


def _packing(request: Request) -> str:
    return request.headers.get("content-encoding", "identity").strip().lower()


async def _unpacked(request: Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            body = await _body(request)
    except (TimeoutError, ClientDisconnect) as error:
        raise refusal(HTTPStatus.REQUEST_TIMEOUT, f"The body did not arrive within {BODY_WITHIN_S:.0f} s.") from error
    return await asyncio.to_thread(unpacked, body) if _packing(request) == "gzip" else body


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {MAX_BODY_BYTES} bytes.")
    return bytes(body)


def unpacked(body: bytes) -> bytes:
    """What gzip packed, in one member or several; never more than ``MAX_PLAIN_BYTES`` of it."""
    plain = bytearray()
    for _ in range(MAX_MEMBERS):
        if not body:
            return bytes(plain)
        member = zlib.decompressobj(_GZIP)
        try:
            plain += member.decompress(body, MAX_PLAIN_BYTES + 1 - len(plain))
        except zlib.error as error:
            raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "The body is not gzip.") from error
        if len(plain) > MAX_PLAIN_BYTES:
            raise refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {MAX_PLAIN_BYTES} bytes when unpacked.")
        if not member.eof:
            raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "The gzip body ends early.")
        body = member.unused_data
    raise refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {MAX_MEMBERS} gzip members.")


def _refused(fault: NotTaken) -> Response:
    wait_s = RETRY_AFTER_S.get(fault.fault)
    return problem(_STATUS[fault.fault], str(fault), {} if wait_s is None else {"Retry-After": str(wait_s)})
