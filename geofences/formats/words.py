"""Texts in several languages and the authorities of a zone, as ED-269 and ED-318 write them.

ED-269 has one text, ED-318 a list of ``{text, lang}``. Nothing is decided by these fields, so none of them refuses a
file: what is not of the expected shape is left out or taken as what it plainly is, and noted. A text of more than one
language is told in Dutch, else in English, else in the first language given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from airspace.model.text import safe_text
from airspace.model.zone import Authority, Words
from geofences.formats.report import Report

UNDETERMINED: Final = "und"  # BCP 47, of a text whose language nobody names
MAX_AUTHORITIES: Final = 20
MAX_LANGUAGES: Final = 40
PURPOSES: Final = ("AUTHORIZATION", "NOTIFICATION", "INFORMATION")
_PREFERRED: Final = ("nl", "en")
_BRITISH: Final = {"AUTHORISATION": "AUTHORIZATION"}


def words(value: Any, name: str, report: Report) -> tuple[Words, ...]:
    """A text (ED-269, and some ED-318 files) or a list of texts with languages."""
    if value is None:
        return ()
    if isinstance(value, str):
        text = report.text(value, name)
        return (Words(text=text),) if text else ()
    if not isinstance(value, list):
        report.note(f"{name} is no text: left out")
        return ()
    if len(value) > MAX_LANGUAGES:
        report.note(f"{name} has {len(value)} texts: the first {MAX_LANGUAGES} are kept")
    return tuple(found for each in value[:MAX_LANGUAGES] if (found := _one(each, name, report)) is not None)


def _one(value: Any, name: str, report: Report) -> Words | None:
    if isinstance(value, str):
        report.note(f"{name} is a text without a language")
        value = {"text": value, "lang": UNDETERMINED}
    if not isinstance(value, dict):
        report.note(f"{name} is no text: left out")
        return None
    text = report.text(value.get("text"), name)
    language = value.get("lang")
    if not isinstance(language, str):
        report.note(f"{name} names no language")
        language = ""
    clean = safe_text(language, 20) or ""
    return Words(text=text, language="" if clean == UNDETERMINED else clean) if text else None


def preferred(texts: Sequence[Words]) -> str | None:
    """The text that people here are told."""
    for language in _PREFERRED:
        for each in texts:
            if each.language.lower().split("-")[0] == language:
                return each.text
    return texts[0].text if texts else None


def authorities(value: Any, report: Report) -> tuple[Authority, ...]:
    """The rows of ``zoneAuthority``; one that neither names anybody nor asks anything says nothing and is dropped."""
    if value is None:
        return ()
    rows = value if isinstance(value, list) else [value]
    if len(rows) > MAX_AUTHORITIES:
        report.note(f"zoneAuthority has {len(rows)} rows: the first {MAX_AUTHORITIES} are kept")
    found = [_authority(row, report) for row in rows[:MAX_AUTHORITIES]]
    return tuple(each for each in found if each is not None and each not in _SILENT)


_SILENT: Final = (Authority(purpose=""), Authority(purpose="INFORMATION"))


def _authority(row: Any, report: Report) -> Authority | None:
    if not isinstance(row, dict):
        report.note("zoneAuthority: a row is no object: left out")
        return None
    purpose = (report.text(row.get("purpose"), "purpose") or "").upper()
    purpose = _BRITISH.get(purpose, purpose)
    if purpose and purpose not in PURPOSES:
        report.note(f"zoneAuthority: unknown purpose {purpose!r}: left out")
        purpose = ""
    return Authority(
        purpose=purpose,
        name=words(row.get("name"), "zoneAuthority name", report),
        service=words(row.get("service"), "zoneAuthority service", report),
        contact=words(row.get("contactName"), "zoneAuthority contactName", report),
        site_url=report.text(row.get("siteURL"), "siteURL"),
        email=report.text(row.get("email"), "email"),
        phone=report.text(row.get("phone"), "phone"),
        interval_before=report.text(row.get("intervalBefore"), "intervalBefore"),
    )
