"""The zone files under a service: each read alone, its last good set in force where it cannot be read any more.

A file that cannot be read takes no other with it, whatever the fault is, and its fault is told until it changes; one
that the system did not give us is tried again at every look. At the start the others are in force without it, which is
told as an airspace set aside is: nobody knows what stands in it. Where nothing at all can be read at the start, that is
an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from airspace.app import zone_files
from geofences.last_good import with_last_good
from geofences.zone_set import SetAside, ZoneFileError, ZoneSet

Stamps = Mapping[Path, tuple[int, int] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """One file: what of it is in force, and why it could not be read, if so."""

    stamps: Stamps  # as they were before it was read
    sets: tuple[ZoneSet, ...]
    fault: BaseException | None = None
    was_read: bool = True  # now or before

    @property
    def may_change_by_itself(self) -> bool:
        """Whether it may be read at the next look though nothing about it changed."""
        return self.fault is not None and not isinstance(self.fault, ZoneFileError)

    def told(self) -> str | None:
        """What is wrong, for ``/readyz``."""
        if self.fault is None:
            return None
        said = _line(self.fault)
        return f"last good set in force: {said}" if self.was_read else f"nothing of it is in force: {said}"


Reading = Mapping[Path, FileRead]


def first(files: Sequence[Path]) -> Reading:
    """All files; the first fault is raised where none of them can be read."""
    reading = again(files, {})
    faults = [each.fault for each in reading.values() if each.fault is not None]
    if faults and len(faults) == len(reading):
        raise faults[0]
    return reading


def again(files: Sequence[Path], before: Reading) -> Reading:
    """The files that changed, read anew, and the others as they were; ``before`` itself where nothing is new."""
    found = {file: _looked_at(file, before.get(file)) for file in files}
    return before if all(found[file] is before.get(file) for file in files) else found


def sets(reading: Reading) -> list[ZoneSet]:
    """The zone sets in force, and what we add for a state."""
    return zone_files.with_additions([each for one in reading.values() for each in one.sets])


def faults(reading: Reading) -> Iterator[str]:
    """What is wrong with the files that cannot be read."""
    return (said for each in reading.values() if (said := each.told()))


def unread(reading: Reading) -> frozenset[str]:
    """The sources of which nothing is in force since they were never read."""
    return frozenset(each.source for one in reading.values() if not one.was_read for each in one.sets)


def _looked_at(file: Path, last: FileRead | None) -> FileRead:
    stamps = {each: _stamp(each) for each in zone_files.siblings(file)}
    if last is not None and last.stamps == stamps and not last.may_change_by_itself:
        return last
    try:
        found = zone_files.load_zones([file])
    except Exception as error:  # noqa: BLE001 (whatever it is, the other files are to be read)
        return _unreadable(file, stamps, last, error)
    kept = with_last_good(found, last.sets if last is not None and last.was_read else ())
    return FileRead(stamps=stamps, sets=tuple(kept))


def _unreadable(file: Path, stamps: Stamps, last: FileRead | None, error: Exception) -> FileRead:
    if last is None or not last.was_read:
        why = f"nothing of the file can be read: {_line(error).removeprefix(f'{file.name}: ')}"
        aside = SetAside(zone_id=file.name, name=file.name, why=why)
        new = FileRead(
            stamps=stamps,
            sets=(ZoneSet(source=file.name, version="", zones=(), set_aside=(aside,)),),
            fault=error,
            was_read=False,
        )
    else:
        new = replace(last, stamps=stamps, fault=error)
    return last if last is not None and last.stamps == stamps and last.told() == new.told() else new


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _line(error: BaseException) -> str:
    text = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__
