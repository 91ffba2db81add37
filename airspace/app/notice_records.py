"""Between a notice and its record in the database, and what mode ``statistics`` takes out of both.

A notice must be matched with the serial number that a drone says. In mode ``statistics`` no serial is stored: the
record holds its pseudonym, keyed and in a domain of its own (``notice``), and the running service makes the same
pseudonym of what it hears, in memory. So a notice matches all the same, and nobody can join notices with flights by
their pseudonyms. The operator's registration matches nothing and is dropped. What falls short: with another key the
stored notices match no longer and are to be imported or entered again.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import msgspec

from airspace.model.notice import Notice, NoticeState
from airspace.model.notice_document import PERSONAL, notice_document
from airspace.model.privacy import Mode, Privacy
from airspace.store.notices import NoticeRecord
from geofences.formats import notices as notice_files
from geofences.notices.serials import key

_DOMAIN: Final = "notice"
_PSEUDONYM: Final = re.compile(r"[^:]+:[0-9a-f]{32}")  # no serial: these are capitals
_VERSIONING: Final = frozenset({"version"})
_NOT_CONTENT: Final = ("source", "version")  # a file may be renamed, its content is the same


def alias(privacy: Privacy) -> Callable[[str], str | None]:
    """What a book needs to find a drone's stored notices."""
    return lambda serial: privacy.pseudonym(_DOMAIN, serial)


def sealed(notice: Notice, privacy: Privacy) -> Notice:
    """The notice as this mode may keep and show it."""
    if privacy.mode is Mode.ENFORCEMENT:
        return notice
    serials = tuple(_pseudonym(serial, privacy) for serial in notice.uas_serials)
    return replace(notice, uas_serials=serials, operator_registration=None)


def _pseudonym(serial: str, privacy: Privacy) -> str:
    return serial if _PSEUDONYM.fullmatch(serial) else privacy.pseudonym(_DOMAIN, key(serial)) or ""


def record_of(notice: Notice, privacy: Privacy, imported: bytes | None = None) -> NoticeRecord:
    """The notice as it is stored."""
    kept = sealed(notice, privacy)
    document = notice_document(kept)
    del document["uas_serials"]
    return NoticeRecord(
        notice_id=kept.notice_id,
        version=kept.version,
        state=kept.state.value,
        starts_s=kept.start_s,
        ends_s=kept.end_s,
        plain=privacy.mode is Mode.ENFORCEMENT,
        serials=list(kept.uas_serials),
        document=document,
        imported=imported,
    )


def notice_of(record: NoticeRecord) -> Notice:
    """The stored notice; ValueError where the record is none."""
    notice = notice_files.read_one(record.document, "")
    state = NoticeState(record.state)
    return replace(notice, version=record.version, state=state, uas_serials=tuple(record.serials))


def changes(before: Notice, after: Notice) -> dict[str, Any]:
    """Field -> [before, after]; of personal fields the name alone."""
    old, new = notice_document(before), notice_document(after)
    return {
        name: None if name in PERSONAL else [old.get(name), new.get(name)]
        for name in new | old
        if old.get(name) != new.get(name) and name not in _VERSIONING
    }


def content_digest(notice: Notice, key: bytes) -> bytes:
    """The same for the same entry of whatever file, of no use to anybody without the key."""
    document = notice_document(notice)
    for name in _NOT_CONTENT:
        del document[name]
    return hmac.digest(key, b"notice import\0" + msgspec.json.encode(document, order="sorted"), "sha256")[:16]
