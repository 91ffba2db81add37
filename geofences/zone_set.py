"""What a zone file gives: its zones, what was odd about them, and what could not be read, by name."""

from __future__ import annotations

from dataclasses import dataclass

from airspace.model.zone import Oddity, Zone


class ZoneFileError(ValueError):
    """A zone file that cannot be used; the message names the feature and the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """An airspace of a file that cannot be read: it is not in force, and people are told so by name."""

    zone_id: str  # as its zone would have; where nothing names it, its place in the file
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSet:
    """The zones of one file. ``version`` is the first 12 hex digits of the SHA-256 of its bytes.

    ``set_aside`` are the airspaces of which something was read, but not where or how high they are.
    """

    source: str
    version: str
    zones: tuple[Zone, ...]
    oddities: tuple[Oddity, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
