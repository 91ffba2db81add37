"""OpenAir airspace text: what glider pilots and hobby sources publish, the Dutch airspace among it.

Facts: the WinPilot format of 1998, its extended form (naviter/seeyou_file_formats 2.1.0, October 2025) and the fixtures
of openAIP's parser. Real files deviate: UTF-8 or ISO-8859-1, any line ends, tabs, 60 seconds, arcs whose end is a
second (31 m) off the next point, an arc as the first element, control zones under class C.

A file is read whole or refused with the line and the airspace's name. What would be geometry but cannot be read is
never skipped: without its arc, Schiphol's control zone is a sliver. Heights above a pressure level are taken as above
mean sea level and told. What an airspace means for drones: openair_classes.py.

Where openAIP's parser refuses and this one does not: 60 minutes or seconds (read on, told), AG without AF and codes of
transponders (not used), circles of a few metres, crossing rings (mended, told), rings left open (closed, told), no AY.
Both refuse AL above AH, two AL, no AL or AH, no AN, no AC, AA NONE beside a span. A file without any airspace is
refused here: it would put the last good set out of force.

Left out: terrain (TO, TC), styles (SP, SB), labels (AT), transponder codes (AX), AP, AW.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Final

from airspace.model.geodesy import WGS84
from airspace.model.text import safe_text
from airspace.model.zone import (
    Authority,
    Circle,
    Oddity,
    Polygon,
    Predicate,
    Volume,
    Words,
    Zone,
    ZoneKind,
)
from geofences.formats import openair_classes, rings, widening
from geofences.formats import openair_values as values
from geofences.formats.arcs import Point
from geofences.formats.naming import slug
from geofences.formats.openair_block import HANDLERS, Block, Piece, word
from geofences.zone_set import ZoneFileError, ZoneSet

MAX_BYTES: Final = 16 << 20  # all of Europe takes about 5 MB
MAX_AIRSPACES: Final = 20_000
MAX_POINTS: Final = 2_000_000  # of all airspaces, arcs drawn
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_JOINED_M: Final = 50.0  # an arc's end is rounded to the second, 31 m at most, and so is the point beside it
_JOINED_PART: Final = 0.01  # of the radius: a small arc is not bent
_PASSED_OVER: Final = frozenset({"AT", "AP", "AW", "AX", "SP", "SB"})
_TERRAIN: Final = frozenset({"TO", "TC"})


def read(data: bytes, source: str) -> ZoneSet:
    """The airspaces of one file as zones. ZoneFileError, with the line, when it cannot be used as a whole."""
    if len(data) > MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    version = hashlib.sha256(data).hexdigest()[:12]
    blocks, unknown = _blocks(_text(data), source)
    if not blocks:
        raise ZoneFileError(f"{source}: not an OpenAir file: no airspace (AC) in it")
    names = Counter(block.identifier or block.name for block in blocks)
    seen: Counter[str | None] = Counter()
    zones: list[Zone] = []
    oddities = [Oddity(place="file", what=f"{n} record(s) {code} passed over") for code, n in unknown.items()]
    for block in blocks:
        called = block.identifier or block.name
        seen[called] += 1
        zone_id = f"{called} #{seen[called]}" if names[called] > 1 else f"{called}"
        zone, remarks = _zone(block, zone_id, version, source)
        zones.append(zone)
        oddities.extend(Oddity(place=zone_id, what=remark) for remark in remarks)
    return ZoneSet(source=source, version=version, zones=tuple(zones), oddities=tuple(oddities))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def _blocks(text: str, source: str) -> tuple[list[Block], Counter[str]]:
    blocks: list[Block] = []
    unknown: Counter[str] = Counter()
    total = 0
    terrain = False
    for number, line in enumerate(_LINE_END.split(text), 1):
        code, rest = _record(line)
        try:
            if code == "AC":
                blocks.append(Block(line=number, airspace_class=word(rest)))
                terrain = False
            elif code in _TERRAIN:
                terrain = not blocks or blocks[-1].has_outline  # its points are not this airspace's
            elif code and code not in _PASSED_OVER and not (terrain and code[0] in "DV"):
                total += _take(blocks, code, rest, number, unknown)
        except ValueError as error:
            at = f" (airspace {blocks[-1].name!r})" if blocks else ""
            raise ZoneFileError(f"{source}: line {number}{at}: {safe_text(code, 20)} {error}") from error
        if len(blocks) > MAX_AIRSPACES or total > MAX_POINTS:
            raise ZoneFileError(f"{source}: line {number}: more than {MAX_AIRSPACES} airspaces or {MAX_POINTS} points")
    return blocks, unknown


def _record(line: str) -> tuple[str, str]:
    """(code, rest) of a line without its comment; ("", "") of an empty one."""
    code, _, rest = " ".join(line.partition("*")[0].split()).partition(" ")
    return code.upper(), rest


def _take(blocks: list[Block], code: str, rest: str, line: int, unknown: Counter[str]) -> int:
    """One record into the airspace that is open; how many points it drew."""
    handler = HANDLERS.get(code)
    if handler is None:
        if not re.fullmatch(r"A[A-Z]", code):
            raise ValueError("is no record of an airspace")
        unknown[code] += 1
        return 0
    if not blocks:
        raise ValueError("stands before any AC")
    handler(blocks[-1], rest, line)
    return len(blocks[-1].pieces[-1].points) if code[0] == "D" and blocks[-1].pieces else 0


def _zone(block: Block, zone_id: str, version: str, source: str) -> tuple[Zone, list[str]]:
    """A block as a zone, and what is odd about it."""
    try:
        name = _name(block)
        volumes = _volumes(block)
    except ValueError as error:
        raise ZoneFileError(f"{source}: {block.place}: {error}") from error
    told, remark = openair_classes.meaning(
        block.airspace_class, block.airspace_type, name, from_ground=volumes[0].lower_m == 0
    )
    if remark:
        block.remarks.append(remark)
    is_ctr = told.predicate is Predicate.OPEN_FORBIDDEN
    place, icao = openair_classes.place_of(name) if is_ctr else (name, "")
    said = place or icao or name
    zone = Zone(
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
        applicability=tuple(block.spans),
        overrides=(openair_classes.CONTROL_ZONE_BASIS,) if is_ctr else (),
        names=(Words(text=name),),
        authorities=_authorities(block),
    )
    return zone, block.remarks


def _name(block: Block) -> str:
    if block.name is None:
        raise ValueError("no name (AN)")
    return block.name


def _volumes(block: Block) -> tuple[Volume, ...]:
    lower, upper = _limits(block)
    return tuple(
        Volume(
            shape=shape, lower_m=lower.metres, lower_datum=lower.datum, upper_m=upper.metres, upper_datum=upper.datum
        )
        for shape in _shapes(block, block.remarks)
    )


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
    if upper.metres is not None and (
        upper.metres <= 0 or (lower.datum is upper.datum and lower.metres >= upper.metres)
    ):
        raise ValueError(f"AL, {lower.metres:.0f} m, is not below AH, {upper.metres:.0f} m")
    return lower, upper


def _shapes(block: Block, remarks: list[str]) -> tuple[Circle | Polygon, ...]:
    kinds = [name for name, there in (("DP", block.pieces), ("DC", block.circle), ("DY", block.airway)) if there]
    if len(kinds) != 1:
        raise ValueError(f"{' and '.join(kinds)} in one airspace" if kinds else "no geometry")
    if block.circle is not None:
        return (block.circle,)
    if block.airway:
        if block.width_nm is None:
            raise ValueError("an airway (DY) without a width (V W=)")
        return widening.corridor(block.airway, block.width_nm * values.METRES_PER_NM / 2)
    outline = [point for piece in _joined(block.pieces, remarks) for point in piece]
    polygons, odd = rings.polygons([outline], "outline")
    remarks.extend(each.what for each in odd)
    return polygons


def _joined(pieces: list[Piece], remarks: list[str]) -> list[list[Point]]:
    """The points of each piece; where an arc ends beside a point, it ends at the point."""
    outlines = [list(piece.points) for piece in pieces]
    for here, piece in enumerate(pieces):
        if piece.radius_m == 0:
            continue
        reach_m = min(_JOINED_M, _JOINED_PART * piece.radius_m)
        for end, beside in ((0, here - 1), (-1, (here + 1) % len(pieces))):
            neighbour = pieces[beside]
            if neighbour.radius_m > 0:
                continue
            _, _, gap_m = WGS84.inv(*outlines[here][end], *neighbour.points[0])
            if gap_m <= reach_m:
                outlines[here][end] = neighbour.points[0]
                if gap_m > 1.0:
                    remarks.append(f"line {piece.line}: the arc ends {gap_m:.0f} m off the point beside it: joined")
    return outlines
