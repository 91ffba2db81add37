"""Which sensor wrote this JSON? By the keys of each object.

The order matters where keys of one family may stand in another: own lines have a ``status`` as DroneScout has, nodes of
drone-mesh-mapper a ``node_id`` as SAPIENT has. A payload that holds objects of several families is cut up, and each
goes to its own; what cannot be read as JSON goes to whoever sends such things.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from airspace.model.message import Decoded, RawMessage, RejectReason
from airspace.model.text import safe_text
from receivers.formats import (
    dragonsync,
    dronecot,
    dronescout,
    dronetag,
    mesh_mapper,
    own_lines,
    readsb,
    readsb_stats,
    rf,
    sapient,
)
from receivers.formats.framing import Refusal, reject
from receivers.formats.json_objects import BLANK, LZMA_MAGIC, XZ_MAGIC, unpacked
from receivers.formats.json_rows import is_message, json_values
from receivers.formats.sapient_messages import is_sapient_json

if TYPE_CHECKING:
    from airspace.model.ports import Format

_MAX_KEYS_NAMED: Final = 12
_MAX_NAMED_CHARACTERS: Final = 200
_PACKED: Final = (LZMA_MAGIC, XZ_MAGIC)


def is_json(payload: bytes) -> bool:
    """Whether bytes begin as an object or array does, or are compressed as DroneScout compresses it."""
    return payload.startswith(_PACKED) or payload.lstrip(BLANK)[:1] in {b"{", b"["}


def by_family(message: RawMessage) -> list[tuple[Format, RawMessage]]:
    """The decoder for the message, or decoders for its parts."""
    payload = unpacked(message.payload)
    if isinstance(payload, Refusal):
        return [(dronescout.decode, message)]  # which says what is wrong with it
    if payload is not message.payload:
        message = replace(message, payload=payload)
    keys = _keys(payload)
    if keys is not None:
        return [(_family(keys), message)]
    return _by_parts(message)


def unknown(messages: Sequence[RawMessage]) -> Decoded:
    """JSON of no family, refused with its keys."""
    return Decoded(rejects=tuple(reject(message, _unknown(message.payload)) for message in messages))


def _by_parts(message: RawMessage) -> list[tuple[Format, RawMessage]]:
    """Several objects, or none that is whole. What one family can read as it stands is not cut up."""
    values, refusal = json_values(message.payload)
    parts = [(_family_of_value(value), replace(message, payload=part)) for part, value in values]
    families = {family for family, _ in parts}
    if refusal is not None and mesh_mapper.is_line(refusal.payload):
        families.add(mesh_mapper.decode)
    if len(families) == 1 and not families & _of_one_object(message.payload):
        return [(families.pop(), message)]
    if refusal is not None:
        parts.append((_family_of_broken(refusal), replace(message, payload=refusal.payload)))
    return parts


def _of_one_object(payload: bytes) -> set[Format]:
    """The families that must be given one object at a time; DroneScout's reads glued ones, but no array."""
    return {readsb.decode, sapient.decode} | ({dronescout.decode} if payload.lstrip(BLANK)[:1] == b"[" else set())


def _family_of_broken(refusal: Refusal) -> Format:
    return mesh_mapper.decode if mesh_mapper.is_line(refusal.payload) else partial(_refused, refusal)


def _refused(refusal: Refusal, messages: Sequence[RawMessage], /) -> Decoded:
    return Decoded(rejects=tuple(reject(message, refusal) for message in messages))


def _keys(payload: bytes) -> AbstractSet[str] | None:
    """Of one object; None for everything else."""
    try:
        return _object(payload.strip(BLANK)).keys()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _family(keys: AbstractSet[str]) -> Format:
    return next((family for recognises, family in _FAMILIES if recognises(keys)), unknown)


def _family_of_value(value: Any) -> Format:
    if isinstance(value, dict):
        return _family(value.keys())
    return dragonsync.decode if is_message(value) else unknown


def _unknown(payload: bytes) -> Refusal:
    values, _ = json_values(payload)
    keys = sorted({str(key) for _, value in values if isinstance(value, dict) for key in value})
    named = safe_text(", ".join(keys[:_MAX_KEYS_NAMED]), _MAX_NAMED_CHARACTERS)
    detail = f"JSON with the keys {named}" if named else "JSON of no keys"
    return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail=detail, payload=payload)


def _is_dronescout(keys: AbstractSet[str]) -> bool:
    """An envelope; readsb and others have an ``aircraft`` too, but with keys that are not of an envelope."""
    if "aircraft" in keys:
        return keys <= {"protocol", "data", "status", "location", "mobile network", "aircraft"}
    return not keys.isdisjoint({"data", "status", "location", "mobile network"})


_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_FAMILIES: Final[tuple[tuple[Callable[[AbstractSet[str]], bool], Format], ...]] = (
    (own_lines.recognises, own_lines.decode),
    (rf.recognises, rf.decode),
    (dragonsync.recognises, dragonsync.decode),
    (mesh_mapper.recognises, mesh_mapper.decode),
    (dronetag.recognises, dronetag.decode),
    (dronecot.recognises, dronecot.decode),
    (readsb.is_readsb, readsb.decode),
    (readsb_stats.recognises, readsb_stats.decode),
    (is_sapient_json, sapient.decode),
    (_is_dronescout, dronescout.decode),
)
