"""Entries of one id: which of them count, and which belong together.

The highest version of an id replaces the others whole, in whatever order they stand. Of one version the stricter state
counts: an entry that overlaps a cancelled one is cancelled, and what an entry elsewhere is worth then nobody can say.
Nor can anybody where a newer version cannot be read. The rows of a CSV are one notice where they name the same drones;
a drone may not fly where another row of its id lets another one, so other drones are a notice of their own, ``id#2``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from airspace.model.notice import VALID_STATES, Notice, NoticeState, NoticeVolume, UnreadNotice
from airspace.model.zone import Circle, Oddity
from geofences.notices.whose import spelled

_STRICTNESS: Final = {
    state: rank
    for rank, state in enumerate(
        (
            NoticeState.ACTIVE,
            NoticeState.APPROVED,
            NoticeState.REQUESTED,
            NoticeState.EXPIRED,
            NoticeState.ENDED,
            NoticeState.CANCELLED,
        )
    )
}
_METRES_PER_DEGREE: Final = 111_000.0  # or a little more: the boxes are to be no smaller than the circles
_MOST_PAIRS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What an entry says of itself, as far as that can be read; ``version`` None where it says none."""

    notice_id: str | None = None
    uas_serials: tuple[str, ...] = ()
    version: float | None = None  # infinite where it cannot be read: it may be the newest
    state: NoticeState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """An entry that was read; ``beside``: serials in it that stand where none is looked for."""

    place: str
    notice: Notice
    versioned: bool
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An entry that was not."""

    place: str
    named: Named


@dataclass(slots=True)
class Gathered:
    """The notices of a list, and what is to be said."""

    source: str
    notices: list[Notice] = field(default_factory=list)
    remarks: list[Oddity] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    unread: list[UnreadNotice] = field(default_factory=list)
    told: Callable[[str], str] = str

    def remark(self, place: str, what: str) -> None:
        """What was taken."""
        self.remarks.append(Oddity(place=place, what=self.told(what)))

    def leave(self, place: str, notice_id: str | None, serials: tuple[str, ...]) -> None:
        """Nobody knows what is said of these drones."""
        self.unread.append(UnreadNotice(source=self.source, place=place, notice_id=notice_id, uas_serials=serials))


def gather(read: Sequence[Read], broken: Sequence[Broken], into: Gathered, *, unite: bool) -> None:
    """Bring entries to notices; ``unite``: entries of one id are parts of one notice, not the same notice twice."""
    by_id: dict[str, list[Read]] = {}
    for one in read:
        by_id.setdefault(one.notice.notice_id, []).append(one)
    lost: dict[str, list[Broken]] = {}
    for each in broken:
        if each.named.notice_id in by_id:
            lost.setdefault(each.named.notice_id or "", []).append(each)
        else:
            into.leave(each.place, each.named.notice_id, each.named.uas_serials)
    taken = set(by_id)
    for notice_id, entries in by_id.items():
        kept = _settled(*_newest(entries, into), lost.get(notice_id, []), into)
        for one in kept:
            if one.beside and one.notice.state in VALID_STATES:
                into.leave(one.place, notice_id, one.beside)
        into.notices.extend(_united(kept, taken, into) if unite else _first(kept, into))


def _newest(entries: list[Read], into: Gathered) -> tuple[list[Read], list[Broken]]:
    """The entries of the highest version, and those without one where it matters."""
    version = max(each.notice.version for each in entries)
    current = [each for each in entries if each.notice.version == version]
    unsaid: list[Broken] = []
    for each in entries:
        if each.notice.version == version:
            continue
        if each.versioned:
            into.remark(each.place, f"id: {each.notice.notice_id} stands twice: version {version} counts")
            continue
        into.oddities.append(
            Oddity(place=each.place, what=into.told(f"passed over: version: none given, {version} in another entry"))
        )
        unsaid.append(Broken(place=each.place, named=_named(each.notice)))
    return current, unsaid


def _named(notice: Notice) -> Named:
    return Named(notice_id=notice.notice_id, uas_serials=notice.uas_serials, state=notice.state)


def _settled(current: list[Read], unsaid: list[Broken], broken: list[Broken], into: Gathered) -> list[Read]:
    """Each entry with the state that counts for it."""
    current = _of_one_state(current, into)
    for each in (*unsaid, *broken):
        current = _beside_broken(current, each, into)
    return current


def _of_one_state(current: list[Read], into: Gathered) -> list[Read]:
    strictest = max((each.notice.state for each in current), key=_STRICTNESS.__getitem__)
    strict = [each for each in current if each.notice.state is strictest]
    if len(strict) == len(current):
        return current
    few = len(strict) * (len(current) - len(strict)) <= _MOST_PAIRS
    every = strictest in VALID_STATES
    settled: list[Read] = []
    for each in current:
        if each.notice.state is strictest:
            settled.append(each)
        elif every or (few and any(_overlap(each.notice, one.notice) for one in strict)):
            settled.append(_with_state(each, strictest, strict[0].place, into))
        else:
            settled.append(_doubtful(each, f"it is {strictest} in {strict[0].place}, for another place or drone", into))
    return settled


def _beside_broken(current: list[Read], broken: Broken, into: Gathered) -> list[Read]:
    """What an entry of the same id that cannot be read does to those that can."""
    named, version = broken.named, current[0].notice.version
    if named.version is not None and named.version < version:
        return current
    newer = named.version is not None and named.version > version
    if named.state is not None and named.state not in VALID_STATES:
        return [
            _with_state(each, named.state, broken.place, into)
            if (newer or _share(each.notice.uas_serials, named.uas_serials))
            and _STRICTNESS[each.notice.state] < _STRICTNESS[named.state]
            else each
            for each in current
        ]
    into.leave(broken.place, named.notice_id, named.uas_serials)
    if not newer:
        return current
    return [_doubtful(each, f"a newer version in {broken.place} cannot be read", into) for each in current]


def _with_state(each: Read, state: NoticeState, place: str, into: Gathered) -> Read:
    notice = each.notice
    into.remark(each.place, f"state: {notice.state} here, {state} in {place}: of {notice.notice_id} {state} counts")
    return replace(each, notice=replace(notice, state=state))


def _doubtful(each: Read, why: str, into: Gathered) -> Read:
    """Nobody can say what the entry is worth: it allows nobody, and nobody is accused by it."""
    notice = each.notice
    into.remark(each.place, f"id: {notice.notice_id}: {why}: nobody can say what holds here")
    into.leave(each.place, notice.notice_id, (*notice.uas_serials, *each.beside))
    unread = max(1, notice.unread_serials)
    return replace(each, notice=replace(notice, uas_serials=(), unread_serials=unread), beside=())


def _first(kept: list[Read], into: Gathered) -> list[Notice]:
    for each in kept[1:]:
        what = f"passed over: id: {each.notice.notice_id} stands twice"
        into.oddities.append(Oddity(place=each.place, what=into.told(what)))
        if each.notice.state in VALID_STATES:
            into.leave(each.place, each.notice.notice_id, each.notice.uas_serials)
    return [kept[0].notice]


def _united(kept: list[Read], taken: set[str], into: Gathered) -> Iterable[Notice]:
    """Rows of the same drones are one notice, others are one each."""
    kept = _filled(kept, into)
    groups: dict[tuple[object, ...], list[Read]] = {}
    for each in kept:
        one = each.notice
        key = (frozenset(map(spelled, one.uas_serials)), one.unread_serials > 0, one.state, frozenset(one.exemptions))
        groups.setdefault(key, []).append(each)
    for number, rows in enumerate(groups.values()):
        volumes = tuple(window for row in rows for window in row.notice.volumes)
        unread = sum(row.notice.unread_serials for row in rows)
        notice = replace(rows[0].notice, volumes=volumes, unread_serials=unread)
        if number:
            name = _free(notice.notice_id, taken)
            into.remark(rows[0].place, f"id: {notice.notice_id} has other drones or another state here: kept as {name}")
            notice = replace(notice, notice_id=name, part_of=notice.notice_id)
        yield notice


def _filled(kept: list[Read], into: Gathered) -> list[Read]:
    """What the first row says is said of a row that leaves it out; of drones only where it is open to no doubt."""
    sets = {frozenset(map(spelled, each.notice.uas_serials)): each.notice.uas_serials for each in kept}
    sets.pop(frozenset(), None)
    only = next(iter(sets.values())) if len(sets) == 1 and not any(each.notice.unread_serials for each in kept) else ()
    exemptions = kept[0].notice.exemptions
    filled: list[Read] = []
    for each in kept:
        serials = each.notice.uas_serials or only
        if serials != each.notice.uas_serials:
            into.remark(each.place, f"serial: none given here, taken from another row of {each.notice.notice_id}")
        notice = replace(each.notice, uas_serials=serials, exemptions=each.notice.exemptions or exemptions)
        filled.append(replace(each, notice=notice))
    return filled


def _free(notice_id: str, taken: set[str]) -> str:
    name = next(name for number in itertools.count(2) if (name := f"{notice_id}#{number}") not in taken)
    taken.add(name)
    return name


def _overlap(one: Notice, other: Notice) -> bool:
    unread = one.unread_serials or other.unread_serials
    return bool(unread or _share(one.uas_serials, other.uas_serials)) and any(
        _meet(a, b) for a in one.volumes for b in other.volumes
    )


def _share(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two entries may be of one drone; one that names none may be of any."""
    return not one or not other or not {spelled(each) for each in one}.isdisjoint(map(spelled, other))


def _meet(one: NoticeVolume, other: NoticeVolume) -> bool:
    if one.start_s >= other.end_s or other.start_s >= one.end_s:
        return False
    west, south, east, north = _box(one)
    west_too, south_too, east_too, north_too = _box(other)
    return west <= east_too and west_too <= east and south <= north_too and south_too <= north


def _box(window: NoticeVolume) -> tuple[float, float, float, float]:
    shape = window.volume.shape
    if not isinstance(shape, Circle):
        x, y = zip(*shape.rings[0], strict=True)
        return min(x), min(y), max(x), max(y)
    high = shape.radius_m / _METRES_PER_DEGREE
    wide = high / max(0.01, math.cos(math.radians(shape.latitude_deg)))
    return shape.longitude_deg - wide, shape.latitude_deg - high, shape.longitude_deg + wide, shape.latitude_deg + high
