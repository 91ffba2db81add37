"""readsb's and dump1090's ``stats.json``: how much a receiver heard lately, a sign of life that says whether it hears.

Source: README-json.md of readsb. Of its periods only ``last1min`` is read, and of that the number of messages.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import json_values as values
from receivers.formats.condition import UNSAID, WELL, blind
from receivers.formats.framing import UNNAMED_SENSOR, Refusal
from receivers.formats.json_rows import Reading, decode_rows

_WRONG_TYPE: Final = Refusal(reason=RejectReason.WRONG_TYPE, detail="last1min is no object")


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is such a document."""
    return "last1min" in keys


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message ends in heartbeats or rejects."""
    return decode_rows(messages, _read)


def _read(value: Any, message: RawMessage) -> Iterator[Reading]:
    minute = value.get("last1min") if isinstance(value, dict) else None
    if not isinstance(minute, dict):
        yield _WRONG_TYPE
        return
    count, said_s = values.number(minute.get("messages")), values.clock_s(value.get("now", minute.get("end")))
    condition = UNSAID if math.isnan(count) else WELL if count > 0 else blind("0 messages in the last minute")
    yield Heartbeat(
        sensor=message.sensor or UNNAMED_SENSOR,
        logged_s=message.received_s if math.isnan(said_s) else said_s,
        said_s=None if math.isnan(said_s) else said_s,
        detail=None if math.isnan(count) else f"{count:.0f} messages in the last minute",
        **condition._asdict(),
    )
