"""Everything that is reached over a network: each source is tried beside a service that may be running.

A broker is asked in a session of its own that is forgotten at once, so nothing is taken from the service. Mosquitto
grants any subscription and withholds the messages when its ACL file forbids them, so a granted one may still be silent.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final, TypeVar

from airspace.app import parts, sources
from airspace.app.core import DECODE
from airspace.app.doctor import certificates
from airspace.app.doctor.finding import Finding, State, fail, ok, warn
from airspace.app.grafana import grafana_database, is_ours
from airspace.model.message import RawMessage
from airspace.model.ports import ChannelError, StoreUnavailable
from airspace.service import config, config_sources, web
from airspace.service.clock import Clock
from dashboards.grafana import provision
from receivers.sources import mqtt_link, serial, zmq
from receivers.sources.http_poll import HttpPoll
from receivers.sources.mqtt import SHARED_MEANS

WITHIN_S: Final = 12.0
MOST_SAID: Final = 5  # different things that one document says of its receivers
_LOGIN: Final = "mend host, port, username, password_file or the tls keys; see the broker's log"
_GRAFANA: Final = "is grafana.url right, the server up and the token one of it, of role Editor?"

_Entry = TypeVar("_Entry")


async def links(settings: config.Settings, clock: Clock) -> list[Finding]:
    """Every source, all at the same time; in the order of the file."""
    asked: list[Awaitable[list[Finding]]] = [
        *_each("mqtt", settings.mqtt, lambda part, one: _mqtt(part, one, clock)),
        *_each("zmq", settings.zmq, _zmq),
        *_each("tcp", settings.tcp, lambda part, one: _tcp(part, one, clock)),
        *_each("udp", settings.udp, _udp),
        *_each("serial", settings.serial, _serial),
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


async def _mqtt(part: str, one: config_sources.Mqtt, clock: Clock) -> list[Finding]:
    settings = sources.mqtt_settings(one)
    certificate = await certificates.of_server(part, one, clock())
    fault = await mqtt_link.probe(settings)
    if fault is not None:
        return [*certificate, fail(part, fault, _LOGIN, server=True)]
    safe = "TLS" if one.uses_tls else "no TLS"
    found = [ok(part, f"connects, {safe}, MQTT {one.version}, {len(one.topics)} subscriptions granted"), *certificate]
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
        return [fail(part, fault, "is the publisher up, the endpoint its address, do the curve keys fit?", server=True)]
    return [ok(part, f"connects, {'CURVE' if one.curve_server_key_file is not None else 'in the clear'}")]


async def _tcp(part: str, one: config_sources.Tcp, clock: Clock) -> list[Finding]:
    if one.role == "server":
        sources.server_tls(one)
        return [_listening(part, one.host, one.port)]
    context = sources.client_tls(one)
    certificate = await certificates.of_server(part, one, clock())
    try:
        _, writer = await asyncio.open_connection(one.host, one.port, ssl=context)
    except OSError as error:
        return [*certificate, fail(part, str(error), "is the server up, and host and port its address?", server=True)]
    writer.transport.abort()
    return [ok(part, "connects"), *certificate]


async def _udp(part: str, one: config_sources.Udp) -> list[Finding]:
    found = _listening(part, one.host, one.port, kind=socket.SOCK_DGRAM)
    if found.state is not State.OK or config.is_loopback(one.host):
        return [found]
    remedy = "close the network to all but the sensors: who sends here is not asked who he is"
    return [found, warn(part, "anybody who reaches this port can send", remedy)]


async def _serial(part: str, one: config_sources.Serial) -> list[Finding]:
    serial.SerialSource(sources.serial_settings(one), clock=lambda: 0.0)  # the extra is there
    return [_opens(part, one)]


def _opens(part: str, one: config_sources.Serial) -> Finding:
    try:
        serial.opened(sources.serial_settings(one)).close()
    except (OSError, ValueError) as error:
        if not Path(one.device).exists():
            return fail(part, str(error), "plug it in, or name the port that it has: ls /dev/serial/by-id")
        remedy = "if this service runs it is the one that has it; else let the service's user open it (group dialout)"
        return warn(part, str(error), remedy)
    return ok(part, f"opens, {one.baud} baud")


async def _sapient(part: str, one: config_sources.Sapient) -> list[Finding]:
    sources.sapient(one, lambda: 0.0)
    return [_listening(part, one.host, one.port)]


def _listening(part: str, host: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> Finding:
    try:
        if kind is socket.SOCK_STREAM:
            web.listen(host, port).close()
        else:
            _bound(host, port, kind).close()
    except OSError as error:
        return warn(part, str(error), "if this service runs it is the one that listens; else choose another port")
    return ok(part, "the port is free")


def _bound(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    family, _, protocol, _, address = socket.getaddrinfo(host, port, type=kind)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


async def _poll(part: str, one: config_sources.Poll, clock: Clock) -> list[Finding]:
    source = HttpPoll(sources.poll_settings(one), clock=clock, first_pause_s=WITHIN_S)
    certificate = await certificates.of_server(part, one, clock())
    async with aclosing(source.deliveries()) as deliveries:
        first = asyncio.ensure_future(anext(deliveries))
        while not first.done() and not source.counters["failed"]:
            await asyncio.wait([first], timeout=0.02)
        if first.done():
            fetched = first.result().messages
            return [ok(part, f"{len(fetched[0].payload)} bytes fetched"), *_said(part, fetched), *certificate]
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    return [*certificate, fail(part, str(source.fault), "mend url, token_file or the tls keys", server=True)]


def _said(part: str, fetched: Sequence[RawMessage]) -> list[Finding]:
    """What a fetched document says of its receiver, where that is that it hears nothing."""
    said = dict.fromkeys(beat.says for beat in DECODE(fetched).heartbeats if beat.gone)
    found = [warn(part, f"it says: {says}", "the receiver answers and does not hear: see to it") for says in said]
    return found[:MOST_SAID]


def grafana(settings: config.Grafana | None) -> list[Finding]:
    """Whether it is well, and what the token may do. Never run against a Grafana server in our tests."""
    if settings is None:
        return []
    try:
        server = parts.grafana(settings).server
    except config.ConfigError as error:
        return [fail("grafana", str(error), "see [grafana] in docs/configuration.md")]
    try:
        return _grafana(server, settings.dashboard_uid)
    except ChannelError as error:
        return [fail("grafana", str(error), _GRAFANA, server=not is_ours(error))]
    finally:
        server.close()


def grafana_login(settings: config.Settings) -> list[Finding]:
    """What the login may do that the panels would have; nothing where none is named."""
    if settings.grafana is None or not config.secret(None, settings.grafana.database_url_env):
        return []
    try:
        database = grafana_database(settings)
    except config.ConfigError as error:
        return [fail("grafana login", str(error), "docs/operations.md, Grafana, says how to make one")]
    except StoreUnavailable as error:
        return [fail("grafana login", str(error), "is the database up?", server=True)]
    return [ok("grafana login", f"{database.user} at {database.address} sees statistics and nothing else")]


def _grafana(server: provision.Server, dashboard_uid: str | None) -> list[Finding]:
    version = provision.version(server)
    held = provision.rights(server)
    fault = provision.old(version) or provision.lacking(held, provision.TELLING)
    if fault is None and dashboard_uid is not None:
        fault = provision.dashboard_fault(server, dashboard_uid)
    if fault is not None:
        return [fail("grafana", f"Grafana {version}: {fault}", "mend url, token or dashboard_uid in [grafana]")]
    found = [ok("grafana", f"Grafana {version}, the token may write annotations")]
    dead = provision.source_fault(server) if held >= provision.SOURCE_RIGHTS and provision.has_source(server) else None
    if dead is not None:
        found.append(fail("grafana data source", dead, "push again with a login and an address that Grafana can use"))
    cannot = provision.lacking(held, provision.PUSHING)
    if cannot is not None:
        remedy = "use a token of role Admin for airspace dashboards push, or render; the service itself needs no more"
        found.append(warn("grafana push", cannot, remedy))
    return found
