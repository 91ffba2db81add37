"""The notice files under a service: each read alone, its last good list in force where it cannot be read any more.

What is wrong with them is said in one line for ``/readyz``; a file that cannot be read takes no other with it, not even
at the start: then its notices are not known, and the judge says so of every flight without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from airspace.model.notice import Notice, UnreadNotice
from airspace.model.text import counted
from geofences.formats import notices as notice_files
from geofences.formats.notices import NoticeFile
from geofences.notices import life
from geofences.notices.book import Alias, NoticeBook
from geofences.notices.lists import Lists, lists_of

_IN_FORCE: Final = {True: "last good set in force", False: "its notices are not known"}
_FAULTS: Final = (notice_files.NoticeFileError, OSError)


def read(file: Path) -> NoticeFile:
    """One file; ``NoticeFileError`` or OSError name the place."""
    return notice_files.read(file.read_bytes(), file.name)


def book_of(files: Sequence[Path], alias: Alias | None = None) -> NoticeBook:
    """All notices of some files, for a replay: a file that cannot be read is an error."""
    lists = NoticeLists(files)
    for file in files:
        lists.put(file, read(file))
    return lists.book((), (), alias, connected=False)


class ListsAre(StrEnum):
    """How far lists of notices can be relied on."""

    KNOWN = "known"  # but for rows that were passed over
    UNREADABLE = "unreadable"
    OVER = "over"  # every notice was over a day ago


@dataclass(slots=True)
class NoticeLists:
    """What the files say now, or said when they could last be read."""

    files: Sequence[Path]
    _good: dict[Path, NoticeFile] = field(default_factory=dict)
    _faults: dict[Path, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def put(self, file: Path, found: NoticeFile) -> None:
        """What a file says now."""
        self._good[file] = found
        self._faults.pop(file, None)
        self.notices = self._together()

    def taken(self, now_s: float | None) -> tuple[Notice, ...]:
        """The files read anew; what is gone from them is cancelled since ``now_s`` (None: they are read first)."""
        for file in self.files:
            try:
                self._good[file] = read(file)
                self._faults.pop(file, None)
            except _FAULTS as error:
                self._faults[file] = _line(error)
        together = self._together()
        self.notices = together if now_s is None else life.withdrawn(self.notices, together, now_s)
        return self.notices

    def use(self, notices: Sequence[Notice]) -> None:
        """Others than the files' are in force."""
        self.notices = tuple(notices)

    @property
    def unread(self) -> tuple[UnreadNotice, ...]:
        """Entries of the files that cannot be read."""
        return tuple(one for found in self._good.values() for one in found.unread)

    def are(self, now_s: float) -> ListsAre:
        """How far the lists can be relied on."""
        if self._faults:
            return ListsAre.UNREADABLE
        over = bool(self.files) and lists_of(self.notices).doubt_at(now_s) is not None
        return ListsAre.OVER if over else ListsAre.KNOWN

    def health(self, now_s: float) -> str:
        """``ok``, or what is wrong."""
        said = [f"{_IN_FORCE[file in self._good]}: {why}" for file, why in self._faults.items()]
        passed = sum(len(found.oddities) for found in self._good.values())
        if passed:  # what stands in them is for who may read the list
            where = next(f"{file} {found.oddities[0].place}" for file, found in self._good.items() if found.oddities)
            entries = counted(passed, "entry", "entries")
            said.append(f"{entries} passed over, the first in {where}: airspace notices check says why")
        if self.files and not self._faults and lists_of(self.notices).doubt_at(now_s) is not None:
            said.append("every notice in the files was over a day ago: bring the present list")
        return "; ".join(said) or "ok"

    def book(
        self, stored: Sequence[Notice], unread: Sequence[UnreadNotice], alias: Alias | None, *, connected: bool
    ) -> NoticeBook:
        """These notices and stored ones; ``connected``: people enter notices here, or another has given them."""
        notices = both(self.notices, stored)
        return NoticeBook(
            notices, alias, unread=(*self.unread, *unread), lists=self._lists(notices, connected=connected)
        )

    def _lists(self, notices: Sequence[Notice], *, connected: bool) -> Lists:
        listed = notices if self.files else ()  # what people enter is of these days, be it empty
        return lists_of(listed, connected=bool(self.files) or connected, readable=not self._faults)

    def _together(self) -> tuple[Notice, ...]:
        """Of one id in two files both count."""
        return tuple(notice for file in self.files if file in self._good for notice in self._good[file].notices)


def both(filed: Sequence[Notice], stored: Sequence[Notice]) -> list[Notice]:
    """A stored notice counts for one of the same id in a file: it is younger."""
    ids: set[str | None] = {notice.notice_id for notice in stored}
    return [*stored, *(notice for notice in filed if ids.isdisjoint({notice.notice_id, notice.part_of}))]


def _line(error: BaseException) -> str:
    text = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split())
