"""Everything that is reached over a network: each source is tried beside a service that may be running.

A broker is asked in a session of its own that is forgotten at once, so nothing is taken from the service. Mosquitto
grants any subscription and withholds the messages when its ACL file forbids them, so a granted one may still be silent.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

from airspace.app import parts, sources
from airspace.app.doctor.finding import Finding, fail, ok, warn
from airspace.service import config, config_sources, web
from airspace.service.clock import Clock
from receivers.sources import mqtt_link, zmq
from receivers.sources.http_poll import HttpPoll
from receivers.sources.mqtt import SHARED_MEANS

WITHIN_S: Final = 12.0
_LOGIN: Final = "mend host, port, username, password_file or the tls keys; see the broker's log"
_EDITS: Final = frozenset({"annotations:create", "dashboards:create", "folders:create"})

_Entry = TypeVar("_Entry")


async def links(settings: config.Settings, clock: Clock) -> list[Finding]:
    """Every source, all at the same time; in the order of the file."""
    asked: list[Awaitable[list[Finding]]] = [
        *_each("mqtt", settings.mqtt, _mqtt),
        *_each("zmq", settings.zmq, _zmq),
        *_each("tcp", settings.tcp, _tcp),
        *_each("poll", settings.poll, lambda part, one: _poll(part, one, clock)),
        *_each("sapient", settings.sapient, _sapient),
    ]
    if not asked and not any(one.token_file or one.token_sha256 for one in settings.sensor):
        return [warn("sources", "none is configured: nothing is listened to", "add [[mqtt]] or another source")]
    return [finding for found in await asyncio.gather(*asked) for finding in found]


def _each(
    table: str, entries: Sequence[_Entry], ask: Callable[[str, _Entry], Awaitable[list[Finding]]]
) -> list[Awaitable[list[Finding]]]:
    return [_asked(f"{table}:{getattr(one, 'known_as', None) or getattr(one, 'url', '')}", one, ask) for one in entries]


async def _asked(part: str, entry: _Entry, ask: Callable[[str, _Entry], Awaitable[list[Finding]]]) -> list[Finding]:
    """A file, an extra or a value at fault is ours; what does not answer is the server's."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await ask(part, entry)
    except (config.ConfigError, RuntimeError, ValueError) as error:
        return [fail(part, str(error), "mend this table of the configuration")]
    except TimeoutError:
        return [fail(part, f"no answer within {WITHIN_S:.0f} s", "is it up, and the way to it open?", server=True)]


async def _mqtt(part: str, one: config_sources.Mqtt) -> list[Finding]:
    fault = await mqtt_link.probe(sources.mqtt_settings(one))
    if fault is not None:
        return [fail(part, fault, _LOGIN, server=True)]
    safe = "TLS" if one.uses_tls else "no TLS"
    found = [ok(part, f"connects, {safe}, MQTT {one.version}, {len(one.topics)} subscriptions granted")]
    if not one.uses_tls and not config.is_loopback(one.host):
        found.append(
            warn(part, "passwords and messages go over the network unprotected", "set tls_ca_file or tls = true")
        )
    if one.share_group is not None:
        found.append(warn(part, f"shared subscription: {SHARED_MEANS}", "leave share_group out unless that is meant"))
    return found


async def _zmq(part: str, one: config_sources.Zmq) -> list[Finding]:
    fault = await zmq.probe(sources.zmq_settings(one))
    if fault is not None:
        return [fail(part, fault, "is the publisher up, and the endpoint its address?", server=True)]
    return [ok(part, "connects")]


async def _tcp(part: str, one: config_sources.Tcp) -> list[Finding]:
    if one.role == "server":
        sources.server_tls(one)
        return [_listening(part, one.host, one.port)]
    context = sources.client_tls(one)
    try:
        _, writer = await asyncio.open_connection(one.host, one.port, ssl=context)
    except OSError as error:
        return [fail(part, str(error), "is the server up, and host and port its address?", server=True)]
    writer.transport.abort()
    return [ok(part, "connects")]


async def _sapient(part: str, one: config_sources.Sapient) -> list[Finding]:
    sources.sapient(one, lambda: 0.0)
    return [_listening(part, one.host, one.port)]


def _listening(part: str, host: str, port: int) -> Finding:
    try:
        web.listen(host, port).close()
    except (OSError, socket.gaierror) as error:
        return warn(part, str(error), "if this service runs it is the one that listens; else choose another port")
    return ok(part, "the port is free")


async def _poll(part: str, one: config_sources.Poll, clock: Clock) -> list[Finding]:
    source = HttpPoll(sources.poll_settings(one), clock=clock, first_pause_s=WITHIN_S)
    async with aclosing(source.deliveries()) as deliveries:
        first = asyncio.ensure_future(anext(deliveries))
        while not first.done() and not source.counters["failed"]:
            await asyncio.wait([first], timeout=0.02)
        if first.done():
            return [ok(part, f"{len(first.result().messages[0].payload)} bytes fetched")]
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    return [fail(part, str(source.fault), "mend url, token_file or the tls keys", server=True)]


def grafana(settings: config.Grafana | None) -> list[Finding]:
    """Whether it is well, and the token may write. Never run against a Grafana server in our tests."""
    if settings is None:
        return []
    try:
        api = parts.grafana(settings).api
    except config.ConfigError as error:
        return [fail("grafana", str(error), "see [grafana] in docs/configuration.md")]
    try:
        health = api.health.check()
        allowed = api.client.GET("/access-control/user/permissions")
    except Exception as error:  # noqa: BLE001 -- the client has an exception for each status, and one for each network fault
        status = getattr(error, "status_code", None)
        if status in {401, 403}:
            return [fail("grafana", f"the token is refused ({status})", "make a service account token, role Editor")]
        text = f"answers {status}" if status else f"does not answer: {type(error).__name__}"
        return [fail("grafana", text, "is url right, and the server up?", server=True)]
    return [_grafana_role(health, allowed)]


def _grafana_role(health: Any, allowed: Any) -> Finding:
    version = health.get("version", "of unknown version") if isinstance(health, dict) else "of unknown version"
    missing = sorted(_EDITS - set(allowed)) if isinstance(allowed, dict) else sorted(_EDITS)
    if missing:
        return fail(
            "grafana", f"Grafana {version}: the token may not {', '.join(missing)}", "give its account role Editor"
        )
    return ok("grafana", f"Grafana {version}, the token may write")
