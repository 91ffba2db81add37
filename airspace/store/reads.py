"""What the service reads when it starts: alerts that an earlier run left open. Their tracks ended with that run."""

from __future__ import annotations

from typing import Any, Final

from airspace.model.alert import AlertState
from airspace.model.units import rfc3339
from airspace.model.verdict import Reason
from airspace.store.database import Connection, lock_writing
from airspace.store.statements import OUTBOX_CHANNEL

_SENTENCE_NL: Final = "Melding gesloten: de dienst is herstart. Wat nog vliegt, wordt opnieuw gemeld."
_SENTENCE_EN: Final = "Alert closed: the service was restarted. What still flies will be told anew."

_CLOSE: Final = f"""
with closing as (
    update alert set
        state = %(state)s, revision = revision + 1, closed = (%(time)s::text)::timestamptz,
        line = line || jsonb_build_object(
            'state', %(state)s::text, 'reason', %(reason)s::text, 'time', %(time)s::text, 'revision', revision + 1,
            'sentence_nl', %(nl)s::text, 'sentence_en', %(en)s::text
        )
    where state <> %(state)s
    returning alert_id, revision, line
),
told as (
    insert into outbox (alert_id, revision, line, created)
    select alert_id, revision, line, (%(time)s::text)::timestamptz from closing order by alert_id
    returning id, line
)
select line, pg_notify('{OUTBOX_CHANNEL}', '') from told order by id"""


async def leftover_alerts(connection: Connection) -> list[dict[str, Any]]:
    """The latest telling of each alert that is not closed, highest priority first."""
    cursor = await connection.execute(
        "select line from alert where state <> %s order by priority desc, alert_id", (AlertState.CLOSED.value,)
    )
    return [line for (line,) in await cursor.fetchall()]


async def close_leftovers(connection: Connection, time_s: float) -> list[dict[str, Any]]:
    """Close each of them through the outbox: every channel that told it also tells its end. Gives the closing lines."""
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
            },
        )
        return [row[0] for row in await cursor.fetchall()]
