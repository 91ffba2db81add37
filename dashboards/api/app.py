"""The web application: health, metrics, ``/api/v1``, the live stream and the console's files.

It sees the service only through the port ``View``. Every handler is a coroutine: the view belongs to the event loop and
is read between two of its steps, never from another thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from dashboards.api import assets, problem, routes, shapes
from dashboards.api import explain as explain_route
from dashboards.api import ingest as ingest_route
from dashboards.api import notices as notice_routes
from dashboards.api.attempts import Attempts
from dashboards.api.ending import Ending
from dashboards.api.guard import StrictHeaders, Tiles, TokenCheck
from dashboards.api.hosts import KnownHosts, Public
from dashboards.api.live import HEARTBEAT_S, Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airspace.model.ports import Intake, NoticeDesk, View

__all__ = ["Attempts", "Public", "Tiles", "create_app"]


def create_app(
    view: View,
    *,
    metrics: Callable[[], bytes] | None = None,
    tiles: Tiles | None = None,
    token: str | None = None,
    heartbeat_s: float = HEARTBEAT_S,
    notices: NoticeDesk | None = None,
    intake: Intake | None = None,
    public: Public | None = None,
    hosts: Sequence[str] | None = None,
    attempts: Attempts | None = None,
) -> FastAPI:
    """The application over one view. ``metrics`` gives the Prometheus text; ``token`` closes all but health checks.

    ``public`` is how people reach it from outside, ``hosts`` other names under which it may be asked (None: any, for
    tests), ``attempts`` counts wrong tokens: handed in where somebody shows the count.

    Without a desk for ``notices`` they can be read and not written; without an ``intake`` nobody can push detections.
    """
    guesses = attempts or Attempts(time.monotonic)
    check = TokenCheck(token, guesses)
    app = FastAPI(
        title="Drone airspace monitor",
        version="1",
        description="Live tracks, alerts with their reason, zones, sensors. Unknown is null; times are RFC 3339 UTC.",
        docs_url=None,  # its pages load scripts from another host
        redoc_url=None,
        responses={500: {"model": shapes.Problem}},
    )
    problem.install(app)
    app.include_router(_health(view, metrics))
    if notices is not None:
        app.include_router(notice_routes.notices(notices, check))
    elsewhere = frozenset[str]() if notices is None else frozenset({"notices"})
    if intake is not None:
        app.include_router(ingest_route.ingest(intake, guesses))
    app.include_router(routes.readings(view, check, tiles, without=elsewhere))
    app.include_router(explain_route.explain(view, check))
    app.include_router(routes.acts(view, check))
    app.include_router(routes.session(check))
    app.include_router(_live(Streams(view, heartbeat_s=heartbeat_s), check))
    app.include_router(_pages())
    app.state.public = public
    if hosts is not None:
        app.add_middleware(KnownHosts, names=hosts, public=public)
    app.add_middleware(Ending)
    app.add_middleware(StrictHeaders, tiles=tiles)
    return app


def _health(view: View, metrics: Callable[[], bytes] | None) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="Every part is ready", responses={503: {"model": shapes.Ready}})
    async def readyz() -> Response:
        told = view.ready()
        return routes.json_answer(told, 200 if told["ready"] else 503)

    @router.get("/metrics", summary="Prometheus metrics")
    async def metrics_text() -> Response:
        if metrics is None:
            raise problem.refusal(404, "This service publishes no metrics.")
        return Response(metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _live(streams: Streams, check: TokenCheck) -> APIRouter:
    router = APIRouter(tags=["live"], dependencies=[Depends(check)])

    @router.get("/live", summary="Server-sent events: status, tracks, alert, alerts, sensors, zones")
    async def live(request: Request) -> Response:
        return streams.response(request.client.host if request.client else "unknown")

    return router


def _pages() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    for path, asset in assets.load().items():
        router.add_api_route(path, _page(asset), methods=["GET"])
    return router


def _page(asset: assets.Asset) -> Callable[[Request], object]:
    async def page(request: Request) -> Response:
        return assets.answer(asset, request)

    return page
