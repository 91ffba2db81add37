"""The content id: the same 16 bytes whenever a message is delivered again, so storing it twice changes nothing.

A captured frame is one event in the air: its capture time is part of it. A live message may be delivered twice with
two arrival times: these stay out, and what makes it unique is the time or counter inside the payload.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

CONTENT_ID_BYTES: Final = 16
_NS_PER_S: Final = 1_000_000_000


def content_id(sensor: str, payload: bytes, extra: bytes = b"") -> bytes:
    """BLAKE2b over sensor, extra and payload; the lengths stand in it, so that no two splits of the bytes agree."""
    digest = _begun(sensor, len(extra)).copy()
    digest.update(extra + payload if extra else payload)
    return digest.digest()


def content_ids(sensors: Sequence[str], payloads: Sequence[bytes], extras: Sequence[bytes]) -> list[bytes]:
    """The same for many messages, mostly of few sensors and without an extra."""
    begun: dict[str, Callable[[], blake2b]] = {}
    ids = []
    for sensor, payload, extra in zip(sensors, payloads, extras, strict=True):
        if extra:
            ids.append(content_id(sensor, payload, extra))
            continue
        begin = begun.get(sensor) or begun.setdefault(sensor, _begun(sensor, 0).copy)
        digest = begin()
        digest.update(payload)
        ids.append(digest.digest())
    return ids


@lru_cache(maxsize=4096)
def _begun(sensor: str, extra_bytes: int) -> blake2b:
    """The hash as far as it is the same for all messages of a sensor; to be copied."""
    name = sensor.encode("utf-8", "surrogatepass")
    return blake2b(
        len(name).to_bytes(4, "little") + extra_bytes.to_bytes(4, "little") + name, digest_size=CONTENT_ID_BYTES
    )


def capture_time(received_s: float) -> bytes:
    """The capture time of a frame as the ``extra`` of its content id (ns since 1970; empty when it is no number)."""
    try:
        return round(received_s * _NS_PER_S).to_bytes(16, "little", signed=True)
    except (OverflowError, ValueError):
        return b""
