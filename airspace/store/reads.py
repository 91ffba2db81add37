"""What the service reads when it starts: alerts that an earlier run left open, and the records of the last hours.

The tracks of what was open ended with that run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from airspace.model.alert import AlertState
from airspace.model.units import rfc3339
from airspace.model.verdict import Reason
from airspace.store.database import Connection, lock_writing
from airspace.store.statements import OUTBOX_CHANNEL

_SENTENCE_NL: Final = "Melding gesloten: de dienst is herstart. Wat nog vliegt, wordt opnieuw gemeld."
_SENTENCE_EN: Final = "Alert closed: the service was restarted. What still flies will be told anew."

# Revisions count over all episodes of an alert, and more than one of its episodes may have been left open.
_CLOSE: Final = f"""
with leftover as (
    select alert_id, episode, last.revision + row_number() over (partition by alert_id order by episode) as revision
    from alert cross join lateral (
        select max(revision) as revision from alert as each where each.alert_id = alert.alert_id
    ) as last
    where state <> %(state)s and not alert_id || '.' || episode = any(%(kept)s)
),
closing as (
    update alert as held set
        state = %(state)s, revision = leftover.revision, closed = (%(time)s::text)::timestamptz,
        line = line || jsonb_build_object(
            'state', %(state)s::text, 'reason', %(reason)s::text, 'time', %(time)s::text,
            'revision', leftover.revision, 'sentence_nl', %(nl)s::text, 'sentence_en', %(en)s::text,
            'condition', 'gone', 'closed', %(time)s::text, 'ended', coalesce(line->>'ended', %(time)s::text),
            'acknowledgement', 'nobody'
        )
    from leftover where held.alert_id = leftover.alert_id and held.episode = leftover.episode
    returning held.alert_id, held.revision, held.line
),
told as (
    insert into outbox (alert_id, revision, line, created)
    select alert_id, revision, line, (%(time)s::text)::timestamptz from closing order by alert_id, revision
    returning id, line
)
select line, pg_notify('{OUTBOX_CHANNEL}', '') from told order by id"""


async def has_run(connection: Connection) -> bool:
    """Whether a service has worked with this database before."""
    cursor = await connection.execute("select exists (select from service_tick where time > '-infinity')")
    found = await cursor.fetchone()
    return bool(found and found[0])


async def latest_records(connection: Connection, now_s: float, hours: float, limit: int) -> list[dict[str, Any]]:
    """Alerts that closed lately, the newest last, those that a flood speaks for left out first."""
    cursor = await connection.execute(
        "select line from alert where state = %s and closed > %s order by (line->>'part_of') is not null,"
        " closed desc limit %s",
        (AlertState.CLOSED.value, datetime.fromtimestamp(now_s - hours * 3600.0, UTC), limit),
    )
    return [line for (line,) in await cursor.fetchall()][::-1]


async def leftover_alerts(connection: Connection) -> list[dict[str, Any]]:
    """The latest telling of each alert that is not closed, highest priority first."""
    cursor = await connection.execute(
        "select line from alert where state <> %s order by priority desc, alert_id", (AlertState.CLOSED.value,)
    )
    return [line for (line,) in await cursor.fetchall()]


async def database_id(connection: Connection) -> str:
    """Which database this is; another at the same address has another. One that lost its row gets one that stays."""
    await connection.execute("insert into service_tick (time) values ('-infinity') on conflict (one) do nothing")
    (found,) = await (await connection.execute("select database_id::text from service_tick")).fetchall()
    return str(found[0])


async def revisions_since(connection: Connection, time_s: float) -> dict[str, int]:
    """Alert id -> its last revision, of all that were told after this log time."""
    cursor = await connection.execute(
        "select alert_id, max(revision) from alert where (line->>'time')::timestamptz > to_timestamp(%s) group by 1",
        (time_s - 1.0,),
    )
    return dict(await cursor.fetchall())


async def close_leftovers(connection: Connection, time_s: float, kept: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Close each of them through the outbox, but for the records that go on (``kept``). Gives the closing lines.

    Every channel that told one also tells its end.
    """
    async with connection.transaction():
        await lock_writing(connection)
        cursor = await connection.execute(
            _CLOSE,
            {
                "state": AlertState.CLOSED.value,
                "reason": Reason.SERVICE_RESTARTED.value,
                "time": rfc3339(time_s),
                "nl": _SENTENCE_NL,
                "en": _SENTENCE_EN,
                "kept": list(kept),
            },
        )
        return [row[0] for row in await cursor.fetchall()]
