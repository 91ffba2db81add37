"""What the rows of a payload must be, put together in plain Python from the one-message reader."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from airspace.model.detection import COLUMNS, Detections, Flag, IdType, texts
from airspace.model.message import RejectReason
from receivers.formats import odid
from receivers.formats.sheet import Payloads

RECEIVED_S = 1_772_366_400.4  # 2026-03-01T12:00:00.4Z


def payloads(data: Sequence[bytes], received_s: float | Sequence[float] = RECEIVED_S) -> Payloads:
    n = len(data)
    return Payloads(
        data=data,
        received_s=np.broadcast_to(np.array(received_s, dtype=np.float64), (n,)).copy(),
        sensor=texts([f"sensor-{index}" for index in range(n)]),
        transmitter=texts([None] * n),
        transport=np.ones(n, dtype=np.int8),
        rssi_dbm=np.full(n, -70.0),
        frequency_hz=np.full(n, math.nan),
        counter=np.arange(n, dtype=np.float64),
        content_id=texts([index.to_bytes(16, "big") for index in range(n)]),
        place=[f"line {index + 1}" for index in range(n)],
        flags=np.zeros(n, dtype=np.int64),
    )


def row(detections: Detections, index: int) -> dict[str, Any]:
    """One row with None for every unknown number."""
    values = {name: getattr(detections, name)[index] for name in COLUMNS}
    return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and math.isnan(value) else value


def messages_of(data: bytes) -> tuple[list[odid.Message | odid.DecodeError], Flag]:
    if data and data[0] >> 4 == odid.PACK:
        return odid.decode_pack(data), odid.split_pack(data)[1]
    return [odid.decode_message(data)], Flag(0)


def expected(data: bytes, received_s: float) -> dict[str, Any] | RejectReason:
    """The columns that a payload fills, or why it gives no row."""
    try:
        slots, flags = messages_of(data)
    except odid.DecodeError as error:
        return error.reason
    good = [slot for slot in slots if not isinstance(slot, odid.DecodeError)]
    bad = [slot for slot in slots if isinstance(slot, odid.DecodeError)]
    if not good:
        reasons = {refused.reason for refused in bad}
        order = [RejectReason.VALUE_OUT_OF_RANGE, RejectReason.UNKNOWN_MESSAGE, RejectReason.NO_DATA]
        return next(reason for reason in order if reason in reasons)
    columns: dict[str, Any] = {"protocol_version": float(good[0].version)}
    for message in good:
        flags |= message.flags
        columns |= columns_of(message, received_s)
    for refused in bad:
        flags |= refused.flags
    pages = [message for message in good if isinstance(message, odid.Auth)]
    if pages:
        columns["authentication"], auth_flags = authentication_of(
            pages, packed=len(data) > 0 and data[0] >> 4 == odid.PACK
        )
        flags |= auth_flags
    columns |= ids_of([message for message in good if isinstance(message, odid.BasicId)])
    if columns.get("time_s") is not None and abs(columns["time_s"] - received_s) > 5:
        flags |= Flag.SKEW
    return columns | {"flags": int(flags)}


def columns_of(message: odid.Message, received_s: float) -> dict[str, Any]:
    if isinstance(message, odid.Location):
        names = [name for name in odid.Location.__slots__ if name in COLUMNS and name != "flags"]
        folded = folded_s(message.time_of_hour_s, received_s)
        return {name: getattr(message, name) for name in names} | {"time_s": folded}
    if isinstance(message, odid.System):
        names = [name for name in odid.System.__slots__ if name in COLUMNS and name not in {"flags", "time_s"}]
        return {name: getattr(message, name) for name in names} | {"operator_location_type": message.operator_location}
    if isinstance(message, odid.OperatorId):
        return {"operator_id": message.operator_id}
    return {"self_id": message.text} if isinstance(message, odid.SelfId) else {}


def folded_s(time_of_hour_s: float | None, received_s: float) -> float | None:
    """Of the hour before, this one and the next, the time nearest to the reception."""
    if time_of_hour_s is None or not math.isfinite(received_s):
        return None
    hour = math.floor(received_s / 3600)
    times = [(hour + offset) * 3600 + time_of_hour_s for offset in (-2, -1, 0, 1)]
    return min(times, key=lambda time_s: abs(time_s - received_s))


def ids_of(basic_ids: list[odid.BasicId]) -> dict[str, Any]:
    columns: dict[str, Any] = {"ua_type": next((one.ua_type for one in basic_ids if one.ua_type), 0)}
    named = [one for one in basic_ids if one.uas_id is not None]
    named.sort(key=lambda one: one.id_type != IdType.SERIAL)
    if named:
        columns |= {"uas_id": named[0].uas_id, "uas_id_type": named[0].id_type}
        others = [one for one in named if one.uas_id != named[0].uas_id]
        if others:
            columns |= {"alias_id": others[0].uas_id, "alias_id_type": others[0].id_type}
    return columns


def authentication_of(pages: list[odid.Auth], *, packed: bool) -> tuple[str | None, Flag]:
    """Written apart from ``odid_auth``: page after page, as far as the length asks."""
    contradict = len({page.auth_type for page in pages}) > 1
    contradict |= any(one.page == other.page and one != other for one in pages for other in pages)
    numbered = {page.page: page for page in pages}
    missing = Flag.MESSAGE_INVALID if packed else Flag(0)
    if contradict:
        return None, Flag.MESSAGE_INVALID
    if 0 not in numbered:
        return (alone(pages[0]), Flag(0)) if len(pages) == 1 else (None, missing)
    first = numbered[0]
    length, last = first.length or 0, first.last_page or 0
    if last > 16 or length > 17 + 23 * last:
        return None, Flag.MESSAGE_INVALID
    data, number = first.data, 1
    while len(data) < length:
        if number not in numbered:
            return (alone(first), Flag(0)) if len(pages) == 1 else (None, missing)
        data, number = data + numbered[number].data, number + 1
    time = first.time_s if first.time_s is not None else "-"
    return f"type={first.auth_type} time={time} length={length} data={data[:length].hex()}", Flag(0)


def alone(page: odid.Auth) -> str:
    """A page that the others of its set have not come with."""
    first = f" last={page.last_page} length={page.length} time={page.time_s or '-'}" if page.page == 0 else ""
    return f"page={page.page} type={page.auth_type}{first} data={page.data.hex()}"
