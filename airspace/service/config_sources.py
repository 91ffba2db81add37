"""Configuration: the tables of what is listened to, one class a kind of source."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
SensorId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Group = Annotated[str, msgspec.Meta(pattern=r"^[^/+#]+$")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Degrees = Annotated[float, msgspec.Meta(ge=-360, le=360)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that is not known is an error, not a silence."""


class Tls(Section, frozen=True):
    """How a connection is protected. Any of these keys turns TLS on."""

    tls: bool = False  # checked against the system's authorities, unless a file names another
    tls_ca_file: str | None = None  # the authority of the other side; a server asks for client certificates then
    tls_certificate_file: str | None = None  # our own certificate
    tls_key_file: str | None = None  # and its key, unless it stands in the same file

    @property
    def uses_tls(self) -> bool:
        """Is any key set?"""
        return self.tls or self.tls_ca_file is not None or self.tls_certificate_file is not None

    def fault(self) -> str | None:
        """The key that cannot stand with the others, and why."""
        if self.tls_key_file is not None and self.tls_certificate_file is None:
            return "tls_key_file: needs tls_certificate_file"
        return None


class Mqtt(Tls, frozen=True):
    """A broker to listen to."""

    name: Text | None = None  # else host and port
    host: str = "127.0.0.1"
    port: Port = 1883
    topics: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)] = ("airspace/v1/+/sensor/+/detection",)
    identifier: Text = "airspace-monitor"
    username: str | None = None
    password_file: str | None = None
    version: Literal["3.1.1", "5"] = "3.1.1"
    session_expiry_s: Annotated[int, msgspec.Meta(ge=60, le=0xFFFF_FFFE)] = 14 * 86_400  # MQTT 5
    share_group: Group | None = None  # each member gets a part, in no order between members
    sensor_from_topic: bool = False  # the broker's ACL ties topics to sensors

    @property
    def known_as(self) -> str:
        """Its name for tasks, logs and metrics."""
        return self.name or f"{self.host}:{self.port}"

    def fault(self) -> str | None:
        """The key that cannot stand with the others, and why."""
        if self.password_file is not None and self.username is None:
            return "password_file: needs username"
        return Tls.fault(self)


class Zmq(Section, frozen=True):
    """A ZeroMQ publisher to listen to."""

    endpoint: Text
    name: Text | None = None  # else the endpoint
    prefixes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("",)  # of the topics
    sensor: SensorId | None = None  # whose messages they are, where they do not say
    high_water_messages: Count = 10_000
    curve_server_key_file: str | None = None  # the publisher's public key: turns CURVE on
    curve_key_file: str | None = None  # our own pair; none: a new one each time, for a publisher that takes anybody

    @property
    def known_as(self) -> str:
        """Its name for tasks, logs and metrics."""
        return self.name or self.endpoint

    def fault(self) -> str | None:
        """The key that cannot stand with the others, and why."""
        if self.curve_key_file is not None and self.curve_server_key_file is None:
            return "curve_key_file: needs curve_server_key_file"
        return None


class Tcp(Tls, frozen=True, kw_only=True):
    """Lines over TCP: fetched from a server, or taken from whoever connects."""

    port: Port
    role: Literal["client", "server"] = "client"
    host: str = "127.0.0.1"
    sensor: SensorId | None = None
    idle_s: Positive = 300.0
    max_connections: Count = 32  # of a server

    @property
    def known_as(self) -> str:
        """Its name for tasks, logs and metrics."""
        return f"{self.role} {self.host}:{self.port}"

    def fault(self) -> str | None:
        """The key that cannot stand with the others, and why."""
        return (_server_fault(self) if self.role == "server" else None) or Tls.fault(self)


class Udp(Section, frozen=True, kw_only=True):
    """A port for datagrams, each a message. Nothing of it is acknowledged."""

    port: Port
    host: str = "127.0.0.1"
    sensor: SensorId | None = None
    max_datagram_bytes: Annotated[int, msgspec.Meta(ge=1, le=65_507)] = 65_507

    @property
    def known_as(self) -> str:
        """Its name for tasks, logs and metrics."""
        return f"{self.host}:{self.port}"


class Serial(Section, frozen=True, kw_only=True):
    """A receiver on a serial port, a message a line."""

    device: Text
    baud: Annotated[int, msgspec.Meta(ge=300, le=4_000_000)] = 115_200
    name: Text | None = None  # else the device
    sensor: SensorId | None = None

    @property
    def known_as(self) -> str:
        """Its name for tasks, logs and metrics."""
        return self.name or self.device


class Poll(Tls, frozen=True, kw_only=True):
    """A document that is fetched again and again over HTTP."""

    url: Text
    sensor: SensorId | None = None
    every_s: Positive = 2.0
    timeout_s: Positive = 10.0
    token_file: str | None = None  # sent as a bearer token


class Sapient(Tls, frozen=True, kw_only=True):
    """A port for sensors that speak SAPIENT."""

    port: Port
    host: str = "127.0.0.1"
    nodes: tuple[Text, ...] = ()  # ids that are taken; none named: any
    north_offset_deg: dict[str, Degrees] = {}  # node id -> its north, clockwise from true north
    idle_s: Positive = 300.0
    max_connections: Count = 32

    @property
    def known_as(self) -> str:
        """Its name for tasks, logs and metrics."""
        return f"{self.host}:{self.port}"

    def fault(self) -> str | None:
        """The key that cannot stand with the others, and why."""
        return _server_fault(self) or Tls.fault(self)


def _server_fault(settings: Tls) -> str | None:
    if settings.uses_tls and settings.tls_certificate_file is None:
        return "tls_certificate_file: a server needs a certificate of its own"
    return None
