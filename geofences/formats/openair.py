"""OpenAir airspace text: what glider pilots and hobby sources publish, the Dutch airspace among it.

Facts: the WinPilot format of 1998, its extended form (naviter/seeyou_file_formats 2.1.0, October 2025), the fixtures of
openAIP's parser, and the published files of some fifteen states. Real files deviate: UTF-8, Windows-1252 or ISO-8859-1,
any line ends, tabs, 60 seconds, arcs whose ends are not equally far from their centre, an arc as the first element,
control zones under class C, classes that are only given a colour.

An airspace that cannot be read (a fault in what draws or limits it) is set aside by name; the rest of the file is in
force. A file of which nothing can be read is refused: it would put the last good set out of force. Heights above a
pressure level are taken as above mean sea level and told. What an airspace means for drones: openair_classes.py; when
it is in force: openair_hours.py.

Left out: terrain (TO, TC), styles (SP, SB), labels (AT), transponder codes (AX).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Final

from shapely.errors import ShapelyError

from airspace.model.zone import Authority, Datum, Oddity, Predicate, Volume, Words, Zone, ZoneKind
from geofences.formats import limits, openair_classes, openair_hours, openair_outline
from geofences.formats import openair_values as values
from geofences.formats.naming import slug
from geofences.formats.openair_block import Block
from geofences.formats.openair_lines import Lines, TooMuchError, blocks_of
from geofences.schedules.clocks import Box, clock_within
from geofences.zone_set import SetAside, ZoneFileError, ZoneSet

MAX_BYTES: Final = 16 << 20  # all of Europe takes about 5 MB
_SHOWN: Final = 3  # of the airspaces of a file that is refused


class _NoHeightError(ValueError):
    """An airspace whose floor is its ceiling: it holds nothing."""


def read(data: bytes, source: str) -> ZoneSet:
    """The airspaces of one file as zones, and those that cannot be read by name.

    ZoneFileError when nothing of it can be used.
    """
    if len(data) > MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    version = hashlib.sha256(data).hexdigest()[:12]
    try:
        lines = blocks_of(_text(data))
    except TooMuchError as error:
        raise ZoneFileError(f"{source}: {error}") from error
    zones: list[Zone] = []
    aside: list[SetAside] = []
    oddities = _passed_over(lines)
    for zone_id, block in _named(lines):
        try:
            zones.append(_zone(block, zone_id, version))
            oddities.extend(Oddity(place=zone_id, what=remark) for remark in block.told())
        except _NoHeightError as error:
            oddities.append(Oddity(place=zone_id, what=str(error)))
        except (ValueError, ShapelyError) as error:
            aside.append(SetAside(zone_id=zone_id, name=block.called, why=_why(error, zone_id)))
    if not zones:
        raise ZoneFileError(f"{source}: {_nothing(aside)}")
    return ZoneSet(source=source, version=version, zones=tuple(zones), oddities=tuple(oddities), set_aside=tuple(aside))


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("iso-8859-1")


def _passed_over(lines: Lines) -> list[Oddity]:
    told = [f"{n} record(s) {code} passed over" for code, n in lines.unknown.items()]
    styles = sum(block.is_style for block in lines.blocks)
    if styles:
        told.append(f"{styles} class(es) that are only given a style passed over")
    return [Oddity(place="file", what=what) for what in told]


def _named(lines: Lines) -> list[tuple[str, Block]]:
    """The airspaces with their ids: the identifier or the name, with a number where several have it."""
    blocks = [block for block in lines.blocks if not block.is_style]
    names = Counter(block.identifier or block.called for block in blocks)
    seen: Counter[str] = Counter()
    named = []
    for block in blocks:
        called = block.identifier or block.called
        seen[called] += 1
        named.append((f"{called} #{seen[called]}" if names[called] > 1 else called, block))
    return named


def _why(error: Exception, zone_id: str) -> str:
    return str(error).removeprefix(f"zone {zone_id}: ")


def _nothing(aside: list[SetAside]) -> str:
    if not aside:
        return "not an OpenAir file: no airspace (AC) in it"
    shown = "; ".join(f"{each.name}: {each.why}" for each in aside[:_SHOWN])
    more = f" and {len(aside) - _SHOWN} more" if len(aside) > _SHOWN else ""
    return f"none of its airspaces can be read: {shown}{more}"


def _zone(block: Block, zone_id: str, version: str) -> Zone:
    """A block as a zone; ValueError says why it is none. What is odd about it is told in the block."""
    if block.faults:
        more = f" (and {block.more_faults} more)" if block.more_faults else ""
        raise ValueError(f"{block.faults[0]}{more}")
    volumes = _volumes(block)
    if block.name is None:
        block.tell(f"no name (AN): called {block.called!r}")
    zone = _meaning(block, zone_id, version, volumes)
    limits.check(zone)
    return zone


def _meaning(block: Block, zone_id: str, version: str, volumes: tuple[Volume, ...]) -> Zone:
    name = block.called
    told, remark = openair_classes.meaning(
        block.airspace_class or "", block.airspace_type, name, from_ground=(volumes[0].lower_m or 0.0) <= 0.0
    )
    applicability, hours = openair_hours.applicability(block.hours, clock_within(_box(volumes)))
    for each in (remark, *hours):
        if each:
            block.tell(each)
    is_ctr = told.predicate is Predicate.OPEN_FORBIDDEN
    place, icao = openair_classes.place_of(name) if is_ctr else (name, "")
    said = place or icao or name
    return Zone(
        zone_id=zone_id,
        name=name,
        country="",
        kind=ZoneKind.LEGAL,
        restriction=told.restriction,
        predicate=told.predicate,
        group=f"{'ctr' if is_ctr else 'openair'}-{slug(icao or place) or slug(zone_id) or block.line}",
        group_name_nl=told.name_nl.format(said),
        group_name_en=told.name_en.format(said),
        version=version,
        volumes=volumes,
        applicability=applicability,
        overrides=(openair_classes.CONTROL_ZONE_BASIS,) if is_ctr else (),
        names=(Words(text=name),),
        authorities=_authorities(block),
    )


def _volumes(block: Block) -> tuple[Volume, ...]:
    lower, upper = _limits(block)
    return tuple(
        Volume(
            shape=shape, lower_m=lower.metres, lower_datum=lower.datum, upper_m=upper.metres, upper_datum=upper.datum
        )
        for shape in openair_outline.shapes(block)
    )


def _box(volumes: tuple[Volume, ...]) -> Box:
    west, south, east, north = zip(*(limits.box(volume.shape) for volume in volumes), strict=True)
    return min(west), min(south), max(east), max(north)


def _authorities(block: Block) -> tuple[Authority, ...]:
    if block.station is None and block.frequency is None:
        return ()
    name = (Words(text=block.station),) if block.station else ()
    contact = (Words(text=f"{block.frequency} MHz"),) if block.frequency else ()
    return (Authority(purpose="INFORMATION", name=name, contact=contact),)


def _limits(block: Block) -> tuple[values.Limit, values.Limit]:
    lower, upper = block.lower, block.upper
    if lower is None or upper is None:
        raise ValueError("no lower limit (AL)" if lower is None else "no upper limit (AH)")
    if lower.metres is None:
        raise ValueError("AL is unlimited")
    if upper.metres is None:
        return lower, upper
    if lower.datum is upper.datum and lower.metres == upper.metres > 0:
        raise _NoHeightError(f"no height: floor and ceiling are both {upper.metres:.0f} m: left out")
    if upper.metres == 0 and upper.datum is Datum.AGL:
        raise ValueError("AH is the ground: no ceiling")
    if upper.metres <= 0 or (lower.datum is upper.datum and lower.metres >= upper.metres):
        raise ValueError(f"AL, {lower.metres:.0f} m, is not below AH, {upper.metres:.0f} m")
    return lower, upper
