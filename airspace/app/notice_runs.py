"""Notices from the command line: files into the store, and what is stored or filed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airspace.app import parts, rules
from airspace.app.notices import Desk, Imported
from airspace.model.notice import Notice, NoticeState
from airspace.model.units import epoch_s
from airspace.model.zone import Oddity
from airspace.service import config
from airspace.service.clock import wall_clock
from airspace.store.writer import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImport:
    """What became of one file; ``fault`` says why nothing of it could be read."""

    file: Path
    imported: Imported = field(default_factory=Imported)
    unread: tuple[Oddity, ...] = ()
    remarks: tuple[Oddity, ...] = ()
    fault: str | None = None


def import_notices(files: Sequence[Path], path: Path) -> list[FileImport]:
    """Store the notices of files; entries that cannot be read are kept in quarantine and named."""
    settings = config.read(path)

    async def take(url: str) -> list[FileImport]:
        async with _desk(settings, url, ()) as desk:
            return [await _import(desk, file) for file in files]

    with parts.database(settings.database) as url:
        return asyncio.run(take(url))


def list_notices(path: Path, states: Sequence[str], first: str | None, last: str | None) -> list[dict[str, Any]]:
    """Stored notices and those of the configured files, as the API lists them."""
    settings = config.read(path)
    wanted = [NoticeState(word) for word in states]
    from_s, to_s = (None if text is None else epoch_s(text) for text in (first, last))
    filed = rules.load_notices(parts.paths(settings.notices)).notices

    async def ask(url: str) -> list[dict[str, Any]]:
        async with _desk(settings, url, filed) as desk:
            return await desk.list(wanted, from_s, to_s)

    with parts.database(settings.database, make=False) as url:
        return asyncio.run(ask(url))


async def _import(desk: Desk, file: Path) -> FileImport:
    try:
        read = rules.read_notices(file)
    except (OSError, ValueError) as error:
        return FileImport(file=file, fault=(error.strerror if isinstance(error, OSError) else None) or str(error))
    if read.oddities:
        await desk.quarantine(file.name, read.oddities)
    imported = await desk.take_in(read.notices, f"import {file.name}")
    return FileImport(file=file, imported=imported, unread=read.oddities, remarks=read.remarks)


@asynccontextmanager
async def _desk(settings: config.Settings, url: str, filed: Sequence[Notice]) -> AsyncIterator[Desk]:
    privacy = parts.privacy(settings.privacy)
    async with Store.open(url, privacy) as store:
        yield Desk(store, privacy, wall_clock, _nowhere, lambda: filed)


async def _nowhere(_: Sequence[Notice]) -> None:
    """A running service sees by itself that notices changed."""
