"""Guesses at a secret: slowed for each address, counted, shown.

Whoever checks a secret asks here first and tells the outcome here, so nothing else is taken for a guess or for a right
answer. A right one forgives what went before, once in a quarter of an hour: else whoever shares an address with a
sensor that pushes every second could guess without end. A wrong secret that comes again is no new guess: a page with an
old cookie, or a sensor with an old token, that asks every second locks nobody out at its address. While an address is
held back even the right secret waits there: else the answer would tell which one is right. Only what cannot be guessed
passes (``sessions.py``).
Secrets of sensors and of people are counted apart.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from airspace.model.network import network_of
from dashboards.api.problem import refusal

if TYPE_CHECKING:
    from starlette.requests import Request

FREE_GUESSES: Final = 5
FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 300.0
FORGOTTEN_AFTER_S: Final = 900.0
MOST_ADDRESSES: Final = 10_000
MOST_VALUES: Final = 16  # that an address guessed last; an older one that comes again counts again
_TOO_MANY: Final = 429


class Who(StrEnum):
    """Whose secret it is."""

    SENSOR = "sensor"
    PERSON = "person"


@dataclass(slots=True)
class _Record:
    failures: int = 0
    last_s: float = 0.0
    until_s: float = 0.0
    forgiven_s: float | None = None
    values: OrderedDict[bytes, None] = field(default_factory=OrderedDict)  # their digests

    def is_new(self, value: str) -> bool:
        digest = hashlib.blake2b(value.encode(), digest_size=8).digest()
        new = digest not in self.values
        self.values[digest] = None
        self.values.move_to_end(digest)
        if len(self.values) > MOST_VALUES:
            self.values.popitem(last=False)
        return new


class Attempts:
    """What each address has guessed. ``monotonic`` gives seconds; bounded: the address longest quiet is forgotten."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self.failures = 0  # since the start, of all addresses
        self.held_back = 0

    def wait_s(self, address: str) -> float:
        """How long this address must wait before it may try again; 0: not at all."""
        record = self._records.get(address)
        return 0.0 if record is None else max(0.0, record.until_s - self._monotonic())

    def failed(self, address: str, value: str) -> None:
        """This guess was wrong."""
        now_s = self._monotonic()
        record = self._records.get(address)
        if record is None or now_s - record.last_s > FORGOTTEN_AFTER_S:
            record = _Record()
        if record.is_new(value):
            self._count(record, now_s)
            self._records[address] = record
            self._records.move_to_end(address)
        while len(self._records) > MOST_ADDRESSES:
            self._records.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """The right one: what went before is forgiven, if nothing was lately."""
        record, now_s = self._records.get(address), self._monotonic()
        if record is None or (record.forgiven_s is not None and now_s - record.forgiven_s <= FORGOTTEN_AFTER_S):
            return
        record.failures, record.until_s, record.forgiven_s = 0, 0.0, now_s

    def told(self, address: str, value: str, *, right: bool) -> bool:
        """How a check came out; the same, for the caller to go on with."""
        if right:
            self.succeeded(address)
        else:
            self.failed(address, value)
        return right

    def hold(self, address: str) -> None:
        """Refuse, while this address must wait."""
        wait_s = self.wait_s(address)
        if wait_s > 0:
            self.held_back += 1
            detail = f"Too many wrong tokens from this address: try again in {wait_s:.0f} s."
            raise refusal(_TOO_MANY, detail, {"Retry-After": str(int(wait_s) + 1)})

    def _count(self, record: _Record, now_s: float) -> None:
        self.failures += 1
        record.failures += 1
        record.last_s = now_s
        if record.failures > FREE_GUESSES:
            doublings = min(record.failures - FREE_GUESSES - 1, 10)
            record.until_s = now_s + min(FIRST_WAIT_S * 2**doublings, LONGEST_WAIT_S)


def address_of(request: Request, who: Who) -> str:
    """Under which name the guesses of this request count."""
    return f"{who} {network_of(request.client.host if request.client else 'unknown')}"
