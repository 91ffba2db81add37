"""What a zone file gives: zones of one source and version, with what was odd about it. Whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from airspace.model.zone import Oddity, Zone


class ZoneFileError(ValueError):
    """A zone file that cannot be used; the message names the feature and the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSet:
    """The zones of one file. ``version`` is the first 12 hex digits of the SHA-256 of its bytes."""

    source: str
    version: str
    zones: tuple[Zone, ...]
    oddities: tuple[Oddity, ...] = ()
