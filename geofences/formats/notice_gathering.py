"""Entries of one id: which of them count, and which belong together.

The highest version of an id replaces the others whole, in whatever order they stand. Of one version the stricter state
counts: an entry that overlaps a cancelled one is cancelled, and what an entry elsewhere is worth then nobody can say.
Nor can anybody where a newer version cannot be read. The rows of a CSV are one notice where they name the same drones;
a drone may not fly where another row of its id lets another one, so other drones are a notice of their own, ``id#2``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
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
_METRES_PER_DEGREE: Final = 110_000.0  # a little less than it is: no box is smaller than its circle
_MOST_PAIRS: Final = 1_000_000

Box = tuple[float, float, float, float]


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
    """Each entry with the state that counts for it, beside those of its id that cannot be read."""
    version = current[0].notice.version
    other = [one for one in (*unsaid, *broken) if one.named.version is None or one.named.version >= version]
    closing = [one for one in other if one.named.state is not None and one.named.state not in VALID_STATES]
    closed = _Closed(closing, version)
    current = [closed.by(each, into) for each in _of_one_state(current, into)]
    newer: Broken | None = None
    for one in other:
        if one.named.state is None or one.named.state in VALID_STATES:
            into.leave(one.place, one.named.notice_id, one.named.uas_serials)
            newer = one if one.named.version is not None and one.named.version > version else newer
    if newer is None:
        return current
    return [_doubtful(each, f"a newer version in {newer.place} cannot be read", into) for each in current]


def _of_one_state(current: list[Read], into: Gathered) -> list[Read]:
    strictest = max((each.notice.state for each in current), key=_STRICTNESS.__getitem__)
    strict = [each for each in current if each.notice.state is strictest]
    lax = [each for each in current if each.notice.state is not strictest]
    few = _volumes(strict) * _volumes(lax) <= _MOST_PAIRS
    reaches = [_reach(each.notice) for each in strict] if lax and few else []
    place = strict[0].place
    settled: list[Read] = []
    for each in current:
        if each.notice.state is strictest:
            settled.append(each)
        elif strictest in VALID_STATES or (few and _reach(each.notice).meets(reaches)):
            settled.append(_with_state(each, strictest, place, into))
        else:
            settled.append(_doubtful(each, f"it is {strictest} in {place}, for another place or drone", into))
    return settled


class _Closed:
    """What entries that cannot be read, but say that they are cancelled or the like, do to the others of their id."""

    def __init__(self, closing: Sequence[Broken], version: int) -> None:
        self._all: Broken | None = None  # strictest of those that may be of any drone
        self._any: Broken | None = None
        self._by_serial: dict[str, Broken] = {}
        for one in closing:
            self._any = _stricter(self._any, one)
            if not one.named.uas_serials or (one.named.version or 0) > version:
                self._all = _stricter(self._all, one)
            for serial in map(spelled, one.named.uas_serials):
                self._by_serial[serial] = _stricter(self._by_serial.get(serial), one)

    def by(self, each: Read, into: Gathered) -> Read:
        """The entry with the state that counts."""
        found = self._all
        if not each.notice.uas_serials or each.notice.unread_serials:
            found = self._any
        for serial in map(spelled, each.notice.uas_serials):
            if serial in self._by_serial:
                found = _stricter(found, self._by_serial[serial])
        if found is None or _strictness(found) <= _STRICTNESS[each.notice.state] or found.named.state is None:
            return each
        return _with_state(each, found.named.state, found.place, into)


def _stricter(one: Broken | None, other: Broken) -> Broken:
    return other if one is None or _strictness(other) > _strictness(one) else one


def _strictness(one: Broken) -> int:
    return -1 if one.named.state is None else _STRICTNESS[one.named.state]


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
    numbers = itertools.count(2)
    for number, rows in enumerate(groups.values()):
        volumes = tuple(window for row in rows for window in row.notice.volumes)
        unread = sum(row.notice.unread_serials for row in rows)
        notice = replace(rows[0].notice, volumes=volumes, unread_serials=unread)
        if number:
            name = _free(notice.notice_id, numbers, taken)
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


def _free(notice_id: str, numbers: Iterator[int], taken: set[str]) -> str:
    name = next(name for number in numbers if (name := f"{notice_id}#{number}") not in taken)
    taken.add(name)
    return name


def _volumes(entries: Sequence[Read]) -> int:
    return sum(len(each.notice.volumes) for each in entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """Whom a notice may be of (empty: anybody), when and about where."""

    serials: frozenset[str]
    windows: tuple[tuple[float, float, Box], ...]

    def meets(self, others: Iterable[_Reach]) -> bool:
        """Whether one of the others may be of the same drone, place and time."""
        return any(self._share(other) and self._touch(other) for other in others)

    def _share(self, other: _Reach) -> bool:
        return not self.serials or not other.serials or not self.serials.isdisjoint(other.serials)

    def _touch(self, other: _Reach) -> bool:
        return any(
            start_s < other_end_s and other_start_s < end_s and _meet(box, other_box)
            for start_s, end_s, box in self.windows
            for other_start_s, other_end_s, other_box in other.windows
        )


def _reach(notice: Notice) -> _Reach:
    serials = frozenset[str]() if notice.unread_serials else frozenset(map(spelled, notice.uas_serials))
    return _Reach(serials=serials, windows=tuple((each.start_s, each.end_s, _box(each)) for each in notice.volumes))


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _box(window: NoticeVolume) -> Box:
    """West, south, east, north in degrees; of a circle a little more."""
    shape = window.volume.shape
    if not isinstance(shape, Circle):
        x, y = zip(*shape.rings[0], strict=True)
        return min(x), min(y), max(x), max(y)
    high = shape.radius_m / _METRES_PER_DEGREE
    wide = high / max(0.01, math.cos(math.radians(shape.latitude_deg)))
    return shape.longitude_deg - wide, shape.latitude_deg - high, shape.longitude_deg + wide, shape.latitude_deg + high
