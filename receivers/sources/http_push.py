"""HTTP push: bodies that sensors post, handed in by the API, answered only when what was made of them is durable.

A body is one message, an array of messages, or objects line by line or glued (receivers/sources/documents.py cuts it).
The secret of the request says which sensor it is; what the messages call themselves does not count. Whoever posts waits
for the commit, so the answer is the acknowledgement: without a good one the sensor posts again, and what was stored the
first time is not stored twice. Bounded: requests under way in all and for each sensor, messages of a request.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from io import BytesIO
from typing import Final

import msgspec

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage
from airspace.model.ports import IntakeFault, NotTaken
from receivers.formats.json_objects import BLANK
from receivers.sources.documents import array_elements, documents

MAX_MESSAGES: Final = 4096  # of one request
MAX_UNDER_WAY: Final = 32  # requests, of all sensors
MAX_UNDER_WAY_EACH: Final = 8  # requests of one sensor, so that one cannot take the place of all
COMMIT_WITHIN_S: Final = 10.0  # a sensor's own patience is seldom longer


class PushDelivery:
    """The messages of one request, and who waits for them."""

    def __init__(self, messages: Sequence[RawMessage]) -> None:
        self.messages = messages
        self.durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def acknowledge(self) -> None:
        """They are durable: the request is answered, if it still waits."""
        if not self.durable.done():
            self.durable.set_result(None)


class HttpPush:
    """Pushed messages as a live source, and the intake that the API hands them to.

    ``digests`` has the SHA-256 of each sensor's secret; ``closed`` says why a sensor may not push now. ``counters`` has
    received, requests and each cause of a refusal.
    """

    name = "push"
    fault: str | None = None  # it has no connection to lose

    def __init__(
        self,
        digests: Mapping[str, bytes],
        *,
        clock: Callable[[], float],
        closed: Callable[[str], str | None] = lambda _: None,
        commit_within_s: float = COMMIT_WITHIN_S,
    ) -> None:
        self._digests = dict(digests)
        self._clock = clock
        self._closed = closed
        self._commit_within_s = commit_within_s
        self._waiting: asyncio.Queue[PushDelivery] = asyncio.Queue(MAX_UNDER_WAY)
        self._under_way: Counter[str] = Counter()
        self._counters: Counter[str] = Counter()

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    @property
    def sensors(self) -> int:
        """How many have a secret."""
        return len(self._digests)

    def sensor_of(self, token: str) -> str | None:
        """Whose secret it is; every sensor's is compared, so the time tells nothing."""
        digest = digest_of(token)
        found = [sensor for sensor, known in self._digests.items() if hmac.compare_digest(known, digest)]
        return found[0] if found else None

    def closed(self, sensor: str) -> str | None:
        """Why this sensor may not push now; None: it may."""
        return self._closed(sensor)

    async def take(self, sensor: str, body: bytes) -> int:
        """The number of messages, once all are durable; ``NotTaken`` says why not."""
        if self._under_way[sensor] >= MAX_UNDER_WAY_EACH:
            raise self._refused(IntakeFault.TOO_MANY, f"At most {MAX_UNDER_WAY_EACH} requests of a sensor at a time.")
        if self._under_way.total() >= MAX_UNDER_WAY:
            raise self._refused(IntakeFault.BUSY, "Too many requests wait for their commit.")
        self._under_way[sensor] += 1
        try:
            return await self._taken(sensor, body)
        finally:
            self._under_way[sensor] -= 1

    async def _taken(self, sensor: str, body: bytes) -> int:
        try:
            payloads = await asyncio.to_thread(cut, body)
        except NotTaken as fault:
            raise self._refused(fault.fault, str(fault)) from fault
        now_s = self._clock()
        delivery = PushDelivery(
            [
                RawMessage(payload=payload, received_s=now_s, sensor=sensor, place=f"push:{sensor}:{line}", proven=True)
                for line, payload in payloads
            ]
        )
        self._counters["requests"] += 1
        self._counters["received"] += len(payloads)
        try:
            async with asyncio.timeout(self._commit_within_s):
                await self._waiting.put(delivery)
                await delivery.durable
        except TimeoutError:
            raise self._refused(IntakeFault.BUSY, "Not stored in time; send it again.") from None
        return len(payloads)

    def _refused(self, fault: IntakeFault, detail: str) -> NotTaken:
        self._counters[fault.value] += 1
        return NotTaken(fault, detail)

    async def deliveries(self) -> AsyncGenerator[PushDelivery, None]:
        """A request a delivery, in the order in which they came."""
        while True:
            delivery = await self._waiting.get()
            if not delivery.durable.cancelled():  # nobody waits any more: the sensor was told to send it again
                yield delivery


def digest_of(token: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def cut(body: bytes) -> list[tuple[int, bytes]]:
    """The messages of a body with their lines; ``NotTaken`` where there is none, one is too long, or they are too many.

    What is no JSON among messages that are goes to quarantine with its place; a body of nothing else is refused.
    """
    text = body.strip(BLANK)
    if text[:1] not in {b"{", b"["}:
        raise NotTaken(IntakeFault.MALFORMED, "A JSON object, an array of them, or objects line by line.")
    found: list[tuple[int, bytes]] = []
    for line, document in array_elements(text) or documents(enumerate(BytesIO(text), 1)):
        if document is None or len(document) > MAX_PAYLOAD_BYTES:
            raise NotTaken(IntakeFault.TOO_LARGE, f"Line {line}: a message has at most {MAX_PAYLOAD_BYTES} bytes.")
        if len(found) == MAX_MESSAGES:
            raise NotTaken(IntakeFault.TOO_LARGE, f"At most {MAX_MESSAGES} messages in a request.")
        found.append((line, document))
    if not any(_is_object(document) for _, document in found):
        raise NotTaken(IntakeFault.MALFORMED, "No message in it is a JSON object.")
    return found


def _is_object(document: bytes) -> bool:
    try:
        found = msgspec.json.decode(document, type=dict[str, msgspec.Raw] | list[dict[str, msgspec.Raw]])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return found != []
