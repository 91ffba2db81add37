"""Zone files in a zip: a shapefile, which is several files, KMZ, and one or more files of other forms.

Members are read by their names' endings: ``.shp`` with its ``.shx``, ``.dbf``, ``.prj`` and ``.cpg``, ``.kml``,
``.gpkg``, ``.geojson`` and ``.json``. Nothing is ever written to a disk, so a member's path is only a name. What a
member unpacks to is counted while it is unpacked, not believed: a zip bomb ends at the cap.

Left out: zips within zips, encrypted members.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from airspace.model.text import safe_text
from airspace.model.zone import Oddity
from geofences.formats import layers
from geofences.formats.gathering import version_of
from geofences.zone_set import SetAside, ZoneFileError, ZoneSet

ZIP: Final = b"PK\x03\x04"
SHAPEFILE: Final = b"\x00\x00\x27\x0a"
SHP: Final = ".shp"
SIBLINGS: Final = (SHP, ".shx", ".dbf", ".prj", ".cpg")
MAX_MEMBERS: Final = 2_000
MAX_UNPACKED: Final = 64 << 20
_PIECE: Final = 1 << 20
_OTHERS: Final = (".kml", ".gpkg", ".geojson", ".json")
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the same bytes every time, so the same version

Reader = Callable[[bytes, str], ZoneSet]


def packed(members: Mapping[str, bytes]) -> bytes:
    """Files as one zip, unpressed, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, _DATE), data)
    return out.getvalue()


def read(data: bytes, source: str, reader: Reader) -> ZoneSet:
    """The zones of all zone files in a zip; ``reader`` reads those that are neither zip nor shapefile.

    ``ZoneFileError`` when nothing of it can be used.
    """
    parts = list(_parts(data, source))
    if not parts:
        endings = ", ".join((".shp", *_OTHERS))
        raise ZoneFileError(f"{source}: not a zone file: a zip without any of {endings}")
    sets, faults = [], []
    for part in parts:
        try:
            sets.append(part.read(data, reader))
        except ZoneFileError as error:
            faults.append((part, error))
    if not sets:
        raise faults[0][1]
    return _joined(sets, [SetAside(zone_id=part.name, name=part.name, why=str(error)) for part, error in faults],
                   source, version_of(data))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A zone file of the zip: the bytes of its members by their ending."""

    name: str
    members: dict[str, bytes]

    def read(self, whole: bytes, reader: Reader) -> ZoneSet:
        """Its zones."""
        if ".shp" in self.members:
            if ".shx" not in self.members:
                raise ZoneFileError(
                    f"{self.name}: a shapefile without its .shx: give .shp, .shx, .dbf and .prj together"
                )
            clean = {f"layer{ending}": data for ending, data in self.members.items()}
            return layers.read_shapefile(packed(clean), self.name, whole)
        (data,) = self.members.values()
        if data[:4] == ZIP:
            raise ZoneFileError(f"{self.name}: a zip within a zip is not read")
        return reader(data, self.name)


def _parts(data: bytes, source: str) -> Iterator[_Part]:
    """The zone files in a zip, in its order."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS:
                raise ZoneFileError(f"{source}: a zip of {len(infos)} members, at most {MAX_MEMBERS} are read")
            yield from _of_members(archive, [each for each in infos if _is_wanted(each)], source)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        if isinstance(error, ZoneFileError):
            raise
        raise ZoneFileError(f"{source}: not a zone file: a broken zip: {safe_text(str(error))}") from error


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    return not info.is_dir() and path.parts[:1] != ("__MACOSX",) and not path.name.startswith("._")


def _of_members(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], source: str) -> Iterator[_Part]:
    room = [MAX_UNPACKED]
    shapes: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in infos:
        path = PurePosixPath(info.filename)
        if path.suffix.lower() in SIBLINGS:
            shapes.setdefault(str(path.with_suffix("")).lower(), {})[path.suffix.lower()] = info
    for info in infos:
        path = PurePosixPath(info.filename)
        ending = path.suffix.lower()
        name = source if source.lower().endswith(SHP) else safe_text(path.name) or source
        if ending == ".shp":
            group = shapes[str(path.with_suffix("")).lower()]
            yield _Part(name=name, members={key: _bytes(archive, each, room, source) for key, each in group.items()})
        elif ending in _OTHERS:
            yield _Part(name=name, members={ending: _bytes(archive, info, room, source)})


def _bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: list[int], source: str) -> bytes:
    """A member unpacked, as long as there is room for it."""
    if info.flag_bits & 1:
        raise ZoneFileError(f"{source}: {safe_text(info.filename)} is encrypted")
    out = bytearray()
    with archive.open(info) as member:
        while piece := member.read(_PIECE):
            room[0] -= len(piece)
            if room[0] < 0:
                raise ZoneFileError(f"{source}: it unpacks to more than {MAX_UNPACKED} bytes")
            out += piece
    return bytes(out)


def _joined(sets: list[ZoneSet], aside: list[SetAside], source: str, version: str) -> ZoneSet:
    """The zones of several files as those of one."""
    several = len(sets) > 1
    return ZoneSet(
        source=source,
        version=version,
        zones=tuple(replace(zone, version=version) for each in sets for zone in each.zones),
        oddities=tuple(
            Oddity(place=f"{each.source}: {odd.place}" if several and odd.place == "file" else odd.place, what=odd.what)
            for each in sets
            for odd in each.oddities
        ),
        set_aside=(*aside, *(one for each in sets for one in each.set_aside)),
    )
