"""What a SAPIENT status report says of its node's work.

Source: the comments of status_report.proto. System: OK "is operating normally", WARNING "a potential issue", ERROR "an
issue with the system", GOODBYE "about to disconnect", and in version 7 TAMPER (number 4, withdrawn since). Level of a
single status: WARNING is "performance degradation", ERROR is "severely affecting this node's capabilities". A status of
type NOT_DETECTING says it of itself, at any level.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from receivers.formats.condition import UNSAID, WELL, Condition, away, blind, unclear
from receivers.formats.json_objects import BLANK

_UNSPECIFIED, _OK, _WARNING, _ERROR, _TAMPER, _GOODBYE = range(6)  # enum System
_SYSTEM_FAULTS: Final = {_ERROR: "error", _TAMPER: "tamper"}
_ERROR_LEVEL: Final = 4  # enum StatusLevel
_NOT_DETECTING: Final = 11  # enum StatusType


def condition_of(report: Any, payload: bytes) -> Condition:
    """Away, blind, well, or nothing said; the reason is made of the words that its statuses have for it.

    ``payload`` is what the report was read from: of its JSON form the library drops words that it does not know.
    """
    system = report.system
    if system == _UNSPECIFIED and payload.lstrip(BLANK).startswith(b"{"):
        word = _system_in_json(payload)
        system = _TAMPER if word == "SYSTEM_TAMPER" else word or _UNSPECIFIED
    faults = [_reason(status) for status in report.status if _is_fault(status)]
    if system == _GOODBYE:
        return away(", ".join(["goodbye", *faults]))
    if system in _SYSTEM_FAULTS or faults:
        first = [_SYSTEM_FAULTS[system]] if system in _SYSTEM_FAULTS else []
        return blind(", ".join(dict.fromkeys([*first, *faults])))
    if system in {_OK, _WARNING}:
        return WELL
    return UNSAID if system == _UNSPECIFIED else unclear(f"system {system}")


def _system_in_json(payload: bytes) -> str | None:
    """The word that a status report has for its system."""
    try:
        found = msgspec.json.decode(payload.strip(BLANK))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    report = found.get("statusReport", found.get("status_report")) if isinstance(found, dict) else None
    word = report.get("system") if isinstance(report, dict) else None
    return word if isinstance(word, str) and word != "SYSTEM_UNSPECIFIED" else None


def _is_fault(status: Any) -> bool:
    return bool(status.status_level == _ERROR_LEVEL or status.status_type == _NOT_DETECTING)


def _reason(status: Any) -> str:
    """``internal fault: antenna``: the type, and what the node says of it."""
    found = status.DESCRIPTOR.fields_by_name["status_type"].enum_type.values_by_number.get(status.status_type)
    kind = "" if found is None else found.name.removeprefix("STATUS_TYPE_").replace("_", " ").lower()
    named = "" if kind in {"", "unspecified", "other"} else kind
    return ": ".join(word for word in (named, status.status_value) if word) or "error"
