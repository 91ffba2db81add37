"""Settings to sources: what is listened to, each a task of its own."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from airspace.model.health import Trouble
from airspace.model.ports import LiveSource
from airspace.service import config, config_sources
from airspace.service.clock import Clock, wall_clock
from airspace.service.config_sensors import SensorSettings
from receivers.sources.http_poll import HttpPoll, HttpPollSettings
from receivers.sources.http_push import HttpPush, digest_of
from receivers.sources.mqtt import MqttSource
from receivers.sources.mqtt_link import MqttSettings
from receivers.sources.sapient_node import SapientNode, SapientSettings
from receivers.sources.serial import SerialSettings, SerialSource
from receivers.sources.tcp import TcpClient, TcpClientSettings, TcpServer, TcpServerSettings
from receivers.sources.udp import UdpSettings, UdpSource
from receivers.sources.zmq import Curve, ZmqSettings, ZmqSource, curve

SHORTEST_TOKEN: Final = 16  # letters of a sensor's secret

_Entry = TypeVar("_Entry")


def listened_to(settings: config.Settings, clock: Clock = wall_clock) -> list[LiveSource]:
    """Every source of the tables; ``ConfigError`` names a table that cannot be one, and a name that is two's."""
    sources = [
        *_made("mqtt", settings.mqtt, lambda one: MqttSource(mqtt_settings(one), clock=clock, keep_retained=True)),
        *_made("zmq", settings.zmq, lambda one: ZmqSource(zmq_settings(one), clock=clock)),
        *_made("tcp", settings.tcp, lambda one: tcp_source(one, clock)),
        *_made("udp", settings.udp, lambda one: UdpSource(udp_settings(one), clock=clock)),
        *_made("serial", settings.serial, lambda one: SerialSource(serial_settings(one), clock=clock)),
        *_made("poll", settings.poll, lambda one: HttpPoll(poll_settings(one), clock=clock)),
        *_made("sapient", settings.sapient, lambda one: sapient(one, clock)),
    ]
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:  # one task would take the other's place
            raise config.ConfigError(f"two sources are named {name}")
    return sources


def with_lanes(sources: Iterable[LiveSource]) -> list[LiveSource]:
    """These, and the ways past their queues of those that have one."""
    every = list(sources)
    return every + [lane for source in every if (lane := getattr(source, "lane", None)) is not None]


def _made(table: str, entries: Sequence[_Entry], make: Callable[[_Entry], LiveSource]) -> Iterator[LiveSource]:
    for number, entry in enumerate(entries):
        with named(f"{table}[{number}]"):
            yield make(entry)


@contextmanager
def named(table: str) -> Iterator[None]:
    """What is at fault in a table: a file, an extra that is not installed, a value that a library refuses."""
    try:
        yield
    except (config.ConfigError, RuntimeError, ValueError) as error:
        raise config.ConfigError(f"{table}: {error}") from error


def mqtt_settings(settings: config_sources.Mqtt) -> MqttSettings:
    """A broker with its secrets read."""
    return MqttSettings(
        name=settings.name,
        host=settings.host,
        port=settings.port,
        identifier=settings.identifier,
        topics=settings.topics,
        username=settings.username,
        password=config.secret(settings.password_file, None),
        tls=client_tls(settings),
        version=settings.version,
        session_expiry_s=settings.session_expiry_s,
        share_group=settings.share_group,
        sensor_from_topic=settings.sensor_from_topic,
    )


def zmq_settings(settings: config_sources.Zmq) -> ZmqSettings:
    """A publisher, with its keys read."""
    return ZmqSettings(
        endpoint=settings.endpoint,
        name=settings.name,
        prefixes=settings.prefixes,
        sensor=settings.sensor,
        high_water_messages=settings.high_water_messages,
        curve=_curve(settings),
    )


def _curve(settings: config_sources.Zmq) -> Curve | None:
    server, own = settings.curve_server_key_file, settings.curve_key_file
    if server is None:
        return None
    try:
        return curve(Path(server), None if own is None else Path(own))
    except OSError as error:
        raise config.ConfigError(f"{error.filename}: {error.strerror}") from error


def tcp_source(settings: config_sources.Tcp, clock: Clock) -> TcpClient | TcpServer:
    """Lines, by role."""
    if settings.role == "client":
        return TcpClient(
            TcpClientSettings(
                host=settings.host,
                port=settings.port,
                sensor=settings.sensor,
                idle_s=settings.idle_s,
                tls=client_tls(settings),
            ),
            clock=clock,
        )
    return TcpServer(
        TcpServerSettings(
            host=settings.host,
            port=settings.port,
            sensor=settings.sensor,
            idle_s=settings.idle_s,
            max_connections=settings.max_connections,
            tls=server_tls(settings),
        ),
        clock=clock,
    )


def udp_settings(settings: config_sources.Udp) -> UdpSettings:
    """A port for datagrams."""
    return UdpSettings(
        port=settings.port,
        host=settings.host,
        sensor=settings.sensor,
        max_datagram_bytes=settings.max_datagram_bytes,
    )


def serial_settings(settings: config_sources.Serial) -> SerialSettings:
    """A serial port."""
    return SerialSettings(device=settings.device, baud=settings.baud, name=settings.name, sensor=settings.sensor)


def poll_settings(settings: config_sources.Poll) -> HttpPollSettings:
    """A document with its secret read."""
    return HttpPollSettings(
        url=settings.url,
        sensor=settings.sensor,
        every_s=settings.every_s,
        timeout_s=settings.timeout_s,
        token=config.secret(settings.token_file, None),
        tls=client_tls(settings),
    )


def sapient(settings: config_sources.Sapient, clock: Clock) -> LiveSource:
    """A port for SAPIENT sensors."""
    return SapientNode(
        SapientSettings(
            port=settings.port,
            host=settings.host,
            nodes=frozenset(settings.nodes) or None,
            north_offset_deg=settings.north_offset_deg,
            idle_s=settings.idle_s,
            max_connections=settings.max_connections,
            tls=server_tls(settings),
        ),
        clock=clock,
    )


def push(settings: config.Settings, clock: Clock = wall_clock) -> HttpPush | None:
    """The intake for sensors that have a secret; None where none has. ``ConfigError`` where two have the same."""
    digests = {sensor.id: digest for sensor in settings.sensor if (digest := token_digest(sensor)) is not None}
    owners: dict[bytes, str] = {}
    for sensor, digest in digests.items():
        if digest in owners:
            raise config.ConfigError(f"sensor {sensor!r} has the same token as {owners[digest]!r}")
        owners[digest] = sensor
    registry = {sensor.id: sensor.sensor() for sensor in settings.sensor}

    def closed(sensor: str) -> str | None:
        return "This sensor's registration has ended." if registry[sensor].has_ended(clock()) else None

    return HttpPush(digests, clock=clock, closed=closed) if digests else None


def token_digest(sensor: SensorSettings) -> bytes | None:
    """What is known of a sensor's secret; ``ConfigError`` for one that can be guessed."""
    if sensor.token_sha256 is not None:
        return bytes.fromhex(sensor.token_sha256)
    token = config.secret(sensor.token_file, None)
    if token is None:
        return None
    if len(token) < SHORTEST_TOKEN:
        raise config.ConfigError(f"{sensor.token_file}: a token has at least {SHORTEST_TOKEN} letters")
    return digest_of(token)


def client_tls(settings: config_sources.Tls) -> ssl.SSLContext | None:
    """To a server that must prove itself, with our own certificate where there is one."""
    if not settings.uses_tls:
        return None
    context = ssl.create_default_context()
    if settings.tls_ca_file is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # this authority alone
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    return _loaded(context, settings)


def server_tls(settings: config_sources.Tls) -> ssl.SSLContext | None:
    """For those who connect; with an authority named, they need a certificate of it."""
    if not settings.uses_tls:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if settings.tls_ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return _loaded(context, settings)


def _loaded(context: ssl.SSLContext, settings: config_sources.Tls) -> ssl.SSLContext:
    certificate, key = settings.tls_certificate_file, settings.tls_key_file
    if settings.tls_ca_file is not None:
        _read(settings.tls_ca_file, lambda: context.load_verify_locations(cafile=settings.tls_ca_file))
    if certificate is not None:
        named = certificate if key is None else f"{certificate}, {key}"
        _read(named, lambda: context.load_cert_chain(certificate, key, password=""))  # never asks at the terminal
    return context


def _read(named: str, load: Callable[[], object]) -> None:
    try:
        load()
    except ssl.SSLError as error:
        raise config.ConfigError(f"{named}: not what TLS needs: {error.reason or error}") from error
    except OSError as error:
        raise config.ConfigError(f"{named}: {error.strerror}") from error


def health(sources: Iterable[LiveSource]) -> dict[str, tuple[Trouble, str]]:
    """Source -> what is wrong with it, or ``ok``: why it brings nothing just now."""
    return {source.name: (_trouble(source), getattr(source, "fault", None) or "ok") for source in sources}


def _trouble(source: LiveSource) -> Trouble:
    if getattr(source, "session_taken", False):
        return Trouble.SESSION_TAKEN
    return Trouble.REFUSED_BY_PEER if getattr(source, "refused", False) else Trouble.LINK_LOST
