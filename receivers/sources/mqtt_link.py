"""One connection to an MQTT broker: settings, session, faults in words. Only here is paho reached through aiomqtt.

Why and how it acknowledges: receivers/sources/mqtt.py.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import ssl
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from airspace.model.clocks import KEPT_S
from airspace.model.text import safe_text

QUEUE_MESSAGES: Final = 16_384  # above any in-flight window that a broker of ours has (1000)
WINDOW_MESSAGES: Final = 8192  # what an MQTT 5 broker may have under way to us; the rest of the queue is for QoS 0
SESSION_EXPIRY_S: Final = int(KEPT_S)  # as persistent_client_expiration in deploy/mosquitto.conf
PROBE_TIMEOUT_S: Final = 10.0
_REFUSED: Final = 0x80  # in the answer to a subscription
_NOT_AUTHORISED: Final = "the broker does not authorise this user: name, password or certificate"
_NAMED_CODES: Final = {
    4: "the broker refuses user name or password",  # 3.1.1
    5: _NOT_AUTHORISED,
    132: "the broker does not speak this MQTT version",
    133: "the broker refuses the identifier",
    134: "the broker refuses user name or password",
    135: _NOT_AUTHORISED,  # what Mosquitto says to a wrong password
    138: "the broker has banned this client",
    142: "another client with the same identifier took the session over",
}
_REFUSALS: Final = frozenset({2, 4, 5, 132, 133, 134, 135, 138})
_AWAY: Final = tuple(f"[Errno {code}]" for code in (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH))
_REFUSED_WORDS: Final = ("CERTIFICATE_VERIFY_FAILED", "[SSL", "the broker refuses a subscription")


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """Where the broker is and what is taken from it. The identifier names the session that survives a restart."""

    host: str
    identifier: str
    topics: tuple[str, ...]
    name: str | None = None  # else host and port
    port: int = 1883
    version: Literal["3.1.1", "5"] = "3.1.1"
    session_expiry_s: int = SESSION_EXPIRY_S  # MQTT 5; with 3.1.1 the broker decides
    share_group: str | None = None
    sensor_from_topic: bool = False  # the broker lets a sensor publish under its own name only, so the topic proves it
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    keepalive_s: int = 5  # a broker that froze, or a way that swallows everything, is known after 10 to 15 s

    @property
    def filters(self) -> tuple[str, ...]:
        """The topics as they are subscribed to."""
        if self.share_group is None:
            return self.topics
        return tuple(f"$share/{self.share_group}/{topic}" for topic in self.topics)


class _Inbox(asyncio.Queue[aiomqtt.Message]):
    """A bounded queue that counts what does not fit instead of logging each."""

    def __init__(self, maxsize: int, counters: Counter[str]) -> None:
        super().__init__(maxsize)
        self._counters = counters

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if self.full():
            self._counters["dropped"] += 1
        else:
            super().put_nowait(item)


class Session:
    """One connection."""

    def __init__(self, settings: MqttSettings, counters: Counter[str], *, lasting: bool = True) -> None:
        self.inbox = _Inbox(QUEUE_MESSAGES, counters)
        self.alive = True
        self.client = _client(
            settings,
            queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", lambda maxsize: self.inbox),  # noqa: ARG005
            max_queued_incoming_messages=QUEUE_MESSAGES,
            lasting=lasting,
            beside="live",
        )
        self._version = settings.version
        self._paho = self.client._client  # noqa: SLF001 - aiomqtt has no public manual acknowledgement
        self._paho.manual_ack_set(True)
        self.was_known = False  # whether the broker still had our session when the connection was made
        self._listen_for_session()

    def _listen_for_session(self) -> None:
        usual = self._paho.on_connect

        def connected(client: Any, userdata: Any, flags: Any, *rest: Any) -> None:
            self.was_known = bool(flags.session_present)
            if usual is not None:
                usual(client, userdata, flags, *rest)

        self._paho.on_connect = connected

    async def subscribe(self, topics: Sequence[str]) -> None:
        """With QoS 1; a topic that the broker refuses is an error and not a silence."""
        await _subscribe(self.client, topics, self._version)

    def end(self) -> None:
        """From here on nothing is acknowledged; what ended the connection has been told already."""
        self.alive = False
        ended = self.client._disconnected  # noqa: SLF001 - else asyncio reports its error as never seen
        if ended.done() and not ended.cancelled():
            ended.exception()

    def acknowledge(self, messages: Sequence[aiomqtt.Message]) -> None:
        """Of a lost connection nothing: its message numbers may mean others by now."""
        if self.alive:
            for message in messages:
                self._paho.ack(message.mid, message.qos)

    def waiting(self, most: int) -> list[aiomqtt.Message]:
        """What is in the queue, so many at most."""
        return [self.inbox.get_nowait() for _ in range(min(most, self.inbox.qsize()))]


def _client(settings: MqttSettings, *, lasting: bool = True, beside: str = "doctor", **more: Any) -> aiomqtt.Client:
    """A client whose session outlives the connection, or one that is forgotten with it."""
    heard = _Heard()
    by_version: dict[str, Any] = {"clean_session": not lasting}
    if settings.version == "5":
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's is untyped
        properties.ReceiveMaximum = WINDOW_MESSAGES
        properties.SessionExpiryInterval = settings.session_expiry_s if lasting else 0
        protocol = aiomqtt.ProtocolVersion.V5
        by_version = {"protocol": protocol, "clean_start": not lasting, "properties": properties}
    client = aiomqtt.Client(
        settings.host,
        settings.port,
        username=settings.username,
        password=settings.password,
        identifier=settings.identifier if lasting else f"{settings.identifier}-{beside}",
        tls_context=settings.tls,
        keepalive=settings.keepalive_s,
        logger=heard.logger(),
        **by_version,
        **more,
    )
    _tell_an_early_end(client, heard)
    return client


class _Heard(logging.Handler):
    """The last error that paho told its logger, which is all that it tells of a link that ended too early."""

    text = "the broker ended the connection without an answer"

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage().removeprefix("failed to receive on socket: ")

    def logger(self) -> logging.Logger:
        """One that nobody else hears."""
        logger = logging.Logger(__name__, logging.ERROR)  # noqa: LOG001 - one for each client, in no tree
        logger.addHandler(self)
        return logger


def _tell_an_early_end(client: aiomqtt.Client, heard: _Heard) -> None:
    """aiomqtt waits its time out when a link ends before the answer, as it does where TLS 1.3 refuses a certificate."""
    link = client._client  # noqa: SLF001 - as above
    connected, usual = client._connected, link.on_disconnect  # noqa: SLF001 - as above

    def ended(*arguments: Any) -> None:
        if not connected.done():
            connected.set_exception(aiomqtt.MqttError(heard.text))
        if usual is not None:
            usual(*arguments)

    link.on_disconnect = ended


async def _subscribe(client: aiomqtt.Client, topics: Sequence[str], version: str) -> None:
    wanted: list[Any] = [(topic, 1 if version == "3.1.1" else SubscribeOptions(qos=1)) for topic in topics]
    granted = await client.subscribe(wanted)
    for topic, code in zip(topics, granted, strict=True):
        if _is_refusal(code):
            raise aiomqtt.MqttError(f"the broker refuses a subscription to {topic}")


async def probe(settings: MqttSettings) -> str | None:
    """Connect and subscribe beside a running service, in a session that is forgotten; None, or what is wrong.

    Plain topics even where the service shares a subscription: as a member this one would take messages away.
    """
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S), _client(settings, lasting=False) as client:
            await _subscribe(client, settings.topics, settings.version)
    except aiomqtt.MqttError as error:
        return named_fault(error)
    except TimeoutError:
        return f"no answer within {PROBE_TIMEOUT_S:.0f} s"
    return None


def named_fault(error: aiomqtt.MqttError) -> str:
    """What a lost or refused connection means, in words."""
    code = getattr(error, "rc", None)
    named = _NAMED_CODES.get(code.value if isinstance(code, ReasonCode) else code) if code is not None else None
    text = safe_text(str(error), 200) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"the broker's certificate is not trusted: {text}"
    if "alert" in text and "[SSL" in text:
        return f"the broker refuses our TLS, or our certificate: {text}"
    return named or text


def refuses(error: aiomqtt.MqttError) -> bool:
    """Whether the broker answered and does not let us in, rather than not answering."""
    code = getattr(error, "rc", None)
    value = code.value if isinstance(code, ReasonCode) else code
    return value in _REFUSALS or any(words in str(error) for words in _REFUSED_WORDS)


def away(error: aiomqtt.MqttError) -> bool:
    """Whether nobody listens there: the broker, or its host, is down."""
    return str(error).startswith(_AWAY)


def _is_refusal(code: object) -> bool:
    """The answer to a subscription is a number or, by protocol version, an object."""
    return bool(code.is_failure) if isinstance(code, ReasonCode) else isinstance(code, int) and code >= _REFUSED
