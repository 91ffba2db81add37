"""SAPIENT (BSI Flex 335 v2) over TCP: the fusion node that sensors connect to.

A message is four bytes of length, little endian, and a protobuf ``SapientMessage`` (as in dstl's Apex middleware). A
registration is answered with RegistrationAck; an alert with AlertAck: it has come and stands in the log, no more, since
what a sensor alerts of is its own view and this service alerts by its own rules; what cannot be read, with Error, and
the connection goes on. Only a length above the limit ends it: after that nobody knows where the next message begins.
All messages go on as they came; a detection report gets what its node declared written behind it
(``receivers.formats.sapient_declared``), since units of speed, UTM zone and the node's own place are said once and
needed with every report, in a recording too.

Left out: tasking, as no part of this service decides where a sensor should look, and a task that nobody stands behind
would turn a sensor that others share; and registration as a condition (a report that comes without is read and counted
as ``unregistered``: losing it would help nobody). Needs the extra ``sapient``.
"""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage
from airspace.model.text import safe_text
from receivers.formats import sapient_messages
from receivers.formats.framing import Refusal
from receivers.formats.sapient import node_place
from receivers.formats.sapient_declared import Declared, annotated, declared_by
from receivers.sources.streams import FIRST_PAUSE_S, Address, Listener, Listening, within

LENGTH_BYTES: Final = 4
MAX_NODES: Final = 256  # remembered for one connection; a middleware may speak for many
MAX_NODE_LETTERS: Final = 64  # a UUID has 36
MAX_UNREAD_BYTES: Final = 1 << 16  # answers that wait for a peer that does not read: above it, no more are given
MAX_RETURNED_BYTES: Final = 1024  # of a message that could not be read

MAX_ALERT_LETTERS: Final = 64  # of an id, which is a ULID of 26
NOT_CONFIGURED: Final = "this node is not in the configuration of the fusion node"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SapientSettings:
    """Where sensors connect to, and which. ``node_id`` is the UUID that the answers name as ours."""

    port: int
    host: str = "127.0.0.1"
    node_id: str = str(uuid.uuid5(uuid.NAMESPACE_DNS, "airspace-monitor"))
    nodes: frozenset[str] | None = None  # node ids that are taken; none: any
    north_offset_deg: Mapping[str, float] = field(
        default_factory=dict
    )  # node id -> its north, clockwise from true north
    idle_s: float = 300.0
    max_connections: int = 32
    max_message_bytes: int = 1 << 18
    tls: ssl.SSLContext | None = None


class SapientNode(Listening):
    """Sensors that speak SAPIENT as one live source.

    ``counters`` has received, connects, turned_away, handshake_failed, lost, failed, registered, alerts, refused_node,
    unregistered, unreadable and too_large.
    """

    def __init__(
        self, settings: SapientSettings, *, clock: Callable[[], float], first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        sapient_messages.require()
        if settings.max_message_bytes > MAX_PAYLOAD_BYTES:
            raise ValueError(f"max_message_bytes is above {MAX_PAYLOAD_BYTES}, which no format reads")
        self._settings = settings
        self._clock = clock
        self._counters: Counter[str] = Counter()
        address = Address(
            host=settings.host, port=settings.port, max_connections=settings.max_connections, tls=settings.tls
        )
        self._listener = Listener(address, self._connection, self._counters, first_pause_s)

    @property
    def name(self) -> str:
        """``sapient:host:port``."""
        return f"sapient:{self._settings.host}:{self._settings.port}"

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = _Peer(self._settings, self._clock, self._counters, writer)
        while payload := await self._payload(reader):
            kept = peer.take(payload)
            if kept is not None:
                self._counters["received"] += 1
                await self._listener.room.put(
                    [RawMessage(payload=kept, received_s=self._clock(), place=self.name)],
                )

    async def _payload(self, reader: asyncio.StreamReader) -> bytes:
        """The next message, empty at the end of the connection or of what can be made of it."""
        settings = self._settings
        try:
            header = await within(settings.idle_s, reader.readexactly(LENGTH_BYTES))
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise
            return b""
        size = int.from_bytes(header, "little")
        if not 0 < size <= settings.max_message_bytes:
            self._counters["too_large"] += 1
            _log.warning("sapient length not plausible: connection ended", source=self.name, size=size)
            return b""
        return await within(settings.idle_s, reader.readexactly(size))


class _Peer:
    """One connection: which nodes speak over it, and what they declared."""

    def __init__(
        self,
        settings: SapientSettings,
        clock: Callable[[], float],
        counters: Counter[str],
        writer: asyncio.StreamWriter,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._counters = counters
        self._writer = writer
        self._declared: dict[str, Declared] = {}

    def take(self, payload: bytes) -> bytes | None:
        """The bytes that go on to the decoder: what cannot be read too, so that it is named and kept there."""
        message = sapient_messages.parse(payload)
        if isinstance(message, Refusal):
            self._counters["unreadable"] += 1
            self._answer(sapient_messages.error(payload[:MAX_RETURNED_BYTES], message.detail))
            return payload
        node = message.node_id
        allowed = self._settings.nodes is None or node in self._settings.nodes
        if message.HasField("registration"):
            self._register(message, allowed=allowed)
        elif message.HasField("alert"):
            self._acknowledge(message, allowed=allowed)
        if not allowed:
            self._counters["refused_node"] += 1
            return None
        return self._with_declared(payload, message)

    def _register(self, message: Any, *, allowed: bool) -> None:
        reasons = () if allowed else (NOT_CONFIGURED,)
        self._answer(sapient_messages.registration_ack(reasons), to=message.node_id)
        if allowed:
            self._counters["registered"] += 1
            known = self._declared.get(message.node_id, Declared())
            self._remember(message.node_id, replace(declared_by(message.registration), place=known.place))

    def _acknowledge(self, message: Any, *, allowed: bool) -> None:
        alert = message.alert
        if len(alert.alert_id) > MAX_ALERT_LETTERS:
            return
        reasons = () if allowed else (NOT_CONFIGURED,)
        self._answer(sapient_messages.alert_ack(alert.alert_id, reasons), to=message.node_id)
        if allowed:
            self._counters["alerts"] += 1
            _log.warning(
                "alert of a sensor",
                node=safe_text(message.node_id),
                alert=safe_text(alert.alert_id),
                kind=alert.AlertType.Name(alert.alert_type) if alert.alert_type in alert.AlertType.values() else None,
                description=safe_text(alert.description),
            )

    def _remember(self, node: str, declared: Declared) -> None:
        if len(node) <= MAX_NODE_LETTERS and (node in self._declared or len(self._declared) < MAX_NODES):
            self._declared[node] = declared

    def _with_declared(self, payload: bytes, message: Any) -> bytes:
        node = message.node_id
        declared = self._declared.get(node, Declared())
        if message.HasField("status_report"):
            place = node_place(message, declared)
            if place is not None:
                self._remember(node, replace(declared, place=place))
        if not message.HasField("detection_report"):
            return payload
        self._counters["unregistered"] += not declared.registered
        north_deg = self._settings.north_offset_deg.get(node)
        return annotated(payload, message, replace(declared, north_deg=north_deg))

    def _answer(self, content: Any, to: str = "") -> None:
        """Say it, if the other side reads what it is told."""
        if self._writer.transport.get_write_buffer_size() < MAX_UNREAD_BYTES:
            answer = sapient_messages.addressed(content, self._settings.node_id, to, self._clock())
            self._writer.write(len(answer).to_bytes(LENGTH_BYTES, "little") + answer)
