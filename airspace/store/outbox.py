"""The outbox as a channel reads it: every telling of every alert, in order, at least once.

One ``Outbox`` for each channel: it has its own connection, so that a slow channel holds up nobody. The place of a
channel moves only when the channel says that it delivered; a crash in between tells the last lines again, never loses
one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, Self

from airspace.store.database import ANSWER_TIMEOUT_S, Connection, Link
from airspace.store.statements import OUTBOX_CHANNEL

Line = dict[str, Any]

MOST_STANDING: Final = 5_000
_STANDING: Final = """
select line from alert where state <> 'closed' or closed > now() - interval '1 day'
order by state = 'closed', priority desc, closed desc limit %s"""


class Outbox:
    """One channel's view of the outbox."""

    def __init__(self, url: str) -> None:
        self._link = Link(url, _listen, "airspace channel")

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Connects when first used; every method raises ``StoreUnavailable`` while the database does not answer."""
        outbox = cls(url)
        try:
            yield outbox
        finally:
            await outbox._link.close()

    async def read(self, channel: str, limit: int) -> list[tuple[int, Line]]:
        """The next tellings for a channel, oldest first; the same again until ``done``."""
        async with self._link.use() as connection:
            cursor = await connection.execute(
                "select id, line from outbox where id > coalesce("
                "(select last_id from outbox_place where channel = %s), 0) order by id limit %s",
                (channel, limit),
            )
            return [(number, line) for number, line in await cursor.fetchall()]

    async def done(self, channel: str, last_id: int) -> None:
        """Everything up to ``last_id`` was delivered."""
        async with self._link.use() as connection:
            await connection.execute(
                "insert into outbox_place as held (channel, last_id) values (%s, %s) on conflict (channel)"
                " do update set last_id = greatest(held.last_id, excluded.last_id), failures = 0",
                (channel, last_id),
            )

    async def standing(self) -> list[Line]:
        """The latest telling of each open record, then of those that closed in the last day; at most 5,000."""
        async with self._link.use() as connection:
            cursor = await connection.execute(_STANDING, (MOST_STANDING,))
            return [line for (line,) in await cursor.fetchall()]

    async def failed(self, channel: str) -> int:
        """A delivery failed: how many in a row that makes. The place stays."""
        async with self._link.use() as connection:
            cursor = await connection.execute(
                "insert into outbox_place as held (channel, last_id, failures) values (%s, 0, 1)"
                " on conflict (channel) do update set failures = held.failures + 1 returning failures",
                (channel,),
            )
            row = await cursor.fetchone()
            return int(row[0]) if row else 0

    async def wait(self, timeout_s: float) -> None:
        """Until something was put into the outbox since the last wait, or the time is over."""
        async with self._link.use(timeout_s + ANSWER_TIMEOUT_S) as connection:
            async for _ in connection.notifies(timeout=timeout_s, stop_after=1):
                pass


async def _listen(connection: Connection) -> None:
    await connection.execute(f"listen {OUTBOX_CHANNEL}")


async def enrol(connection: Connection, channels: Iterable[str]) -> None:
    """Channels that never read begin at the present end, not with last month's alerts. Call it before any commit."""
    for channel in channels:
        await connection.execute(
            "insert into outbox_place (channel, last_id) select %s, coalesce(max(id), 0) from outbox"
            " on conflict (channel) do nothing",
            (channel,),
        )
