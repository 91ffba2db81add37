"""Authentication pages of Open Drone ID, put together: type, time, length and data as one text.

Source: ``opendroneid.h`` and ``decodeAuthMessage`` of opendroneid-core-c. Page 0 holds 17 bytes of data, each further
page 23. The length on page 0 counts the data proper and so says which pages are needed; what comes after it (error
correction, counted by the last page index) is left out. The index counts from 0; in F3411-19 (version 0) it was a count
from 1, and the two changed apart: it is only held against the length, never relied upon.

A pack or a DroneScout structure holds its pages together. Bluetooth 4 sends a page a message, which no decoder without
a memory can join: such a row has its page as text (``page_text``), and ``Pages`` is the memory that joins them, used by
``receivers/authentication.py``, behind which no row has a lone page. Signatures are not checked.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

from receivers.formats.odid import Auth

FIRST_PAGE_BYTES: Final = 17
PAGE_BYTES: Final = 23
MAX_PAGES: Final = 16

MAX_TRANSMITTERS: Final = 1024  # the one that was silent longest is forgotten first
JOINED_WITHIN_S: Final = 30.0  # sixteen pages at the slowest allowed pace of static messages are done before it
_COUNTER_RANGE: Final = 256
_PAGE: Final = re.compile(
    r"page=(\d|1[0-5]) type=(\d|1[0-5])(?: last=(\d{1,3}) length=(\d{1,3}) time=(\d{1,10}|-))? data=([0-9a-f]*)",
    re.ASCII,
)


def joined(pages: Sequence[Auth]) -> tuple[str | None, bool]:
    """What one message, pack or structure says: the whole, a page that came alone as such, None for other parts.

    False when pages contradict each other: one page with two contents, two types, a length that the last page index
    has no room for.
    """
    text, sound = whole(pages)
    if text is None and sound and len(pages) == 1:
        text = page_text(pages[0])
    return text, sound


def page_text(page: Auth) -> str:
    """A page that came alone: no whole begins so."""
    first = ""
    if page.page == 0:
        first = f" last={page.last_page} length={page.length} time={'-' if page.time_s is None else page.time_s}"
    return f"page={page.page} type={page.auth_type}{first} data={page.data.hex()}"


def page_of(text: str) -> Auth | None:
    """A page out of its text; None for any other text, and for a page that no message can hold."""
    found = _PAGE.fullmatch(text)
    if found is None:
        return None
    page, auth_type, last, length, time, data = found.groups()
    size = PAGE_BYTES if last is None else FIRST_PAGE_BYTES
    if (page == "0") is (last is None) or len(data) != 2 * size:
        return None
    return Auth(
        version=0,
        auth_type=int(auth_type),
        page=int(page),
        last_page=None if last is None else int(last),
        length=None if length is None else int(length),
        time_s=None if time in {None, "-"} else int(time),
        data=bytes.fromhex(data),
    )


def whole(pages: Sequence[Auth]) -> tuple[str | None, bool]:
    """The authentication that the pages make, None while pages are missing; False when they contradict each other."""
    held: dict[int, Auth] = {}
    for page in pages:
        if held.setdefault(page.page, page) != page or page.auth_type != pages[0].auth_type or page.auth_type < 0:
            return None, False
    first = held.get(0)
    if first is None or first.length is None or first.last_page is None:
        return None, True
    if first.last_page > MAX_PAGES or first.length > FIRST_PAGE_BYTES + first.last_page * PAGE_BYTES:
        return None, False
    needed = 1 + max(0, math.ceil((first.length - FIRST_PAGE_BYTES) / PAGE_BYTES))
    if any(number not in held for number in range(needed)):
        return None, True
    data = b"".join(held[number].data for number in range(needed))[: first.length]
    time = "-" if first.time_s is None else first.time_s
    return f"type={first.auth_type} time={time} length={first.length} data={data.hex()}", True


@dataclass(slots=True)
class _Heard:
    """The pages of one transmitter that may belong together."""

    latest_s: float
    counter: float
    pages: dict[int, tuple[float, Auth]] = field(default_factory=dict)


class Pages:
    """Pages that come one by one, by transmitter. Bounded, and without a clock: time comes with the page.

    A page begins a new set when it says something else than before, is of another type, when its counter runs backwards
    or when time does. A page of an old set may stay in place of one that was lost, until it is heard again or is too
    old: who checks a signature finds that out.
    """

    def __init__(self, *, transmitters: int = MAX_TRANSMITTERS, within_s: float = JOINED_WITHIN_S) -> None:
        self._most = transmitters
        self._within_s = within_s
        self._heard: OrderedDict[Hashable, _Heard] = OrderedDict()

    def __len__(self) -> int:
        return len(self._heard)

    def add(self, transmitter: Hashable, page: Auth, received_s: float, counter: float = math.nan) -> str | None:
        """One page more; the authentication when it is whole. ``counter`` is the one of the message, NaN for none."""
        heard = self._heard.pop(transmitter, None)
        if heard is None or self._begins_anew(heard, page, received_s, counter):
            heard = _Heard(received_s, counter)
        heard.latest_s, heard.counter = received_s, counter
        heard.pages[page.page] = (received_s, page)
        heard.pages = {number: one for number, one in heard.pages.items() if received_s - one[0] <= self._within_s}
        self._heard[transmitter] = heard
        if len(self._heard) > self._most:
            self._heard.popitem(last=False)
        text, _ = whole([one for _, one in heard.pages.values()])
        return text

    @staticmethod
    def _begins_anew(heard: _Heard, page: Auth, received_s: float, counter: float) -> bool:
        known = heard.pages.get(page.page)
        if known is not None and known[1] != page:
            return True
        if any(one.auth_type != page.auth_type for _, one in heard.pages.values()):
            return True
        back = (counter - heard.counter) % _COUNTER_RANGE >= _COUNTER_RANGE // 2  # False for NaN
        return back or received_s < heard.latest_s
