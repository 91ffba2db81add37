"""What the service's user must be allowed to do, by table: what is revoked is found before a commit is refused.

No sequence is named: the numbers are identity columns, which need no right of their own.
"""

from __future__ import annotations

from typing import Final

from airspace.store.database import Connection

RIGHTS: Final[dict[str, frozenset[str]]] = {
    table: frozenset(rights.split())
    for table, rights in {
        "migration": "select",
        "detection": "select insert update delete",
        "flight": "select insert update delete",
        "violation": "select insert update delete",
        "daily_statistics": "select insert update",
        "cell_day": "select insert update",
        "alert": "select insert update delete",
        "outbox": "select insert delete",
        "outbox_place": "select insert update",
        "quarantine": "select insert delete",
        "reject_count": "select insert update",
        "reject_lot": "select insert delete",
        "heartbeat": "select insert update",
        "notice": "select insert update delete",
        "notice_revision": "select insert",
        "service_tick": "select insert update",
        "past_due": "select insert update delete",
        "clock_offset": "select insert",
        "flight_count": "select",
        "series_start": "select",
    }.items()
}

_LACKING: Final = """
select wanted.kind || ' on ' || wanted.relation
from unnest(%s::text[], %s::text[]) with ordinality as wanted (kind, relation, place)
where not has_table_privilege(to_regclass(wanted.relation), wanted.kind)
union all select 'create on schema public' where not has_schema_privilege(to_regnamespace('public'), 'create')
union all select 'temporary on the database' where not has_database_privilege(current_database(), 'temporary')"""


async def lacking(connection: Connection) -> tuple[str, ...]:
    """Rights that the connection's user lacks, as a grant names them; of tables that are not there nothing is said.

    To create in the schema is asked of every connection of the writer, which looks for waiting migrations.
    """
    pairs = [(right, table) for table, rights in RIGHTS.items() for right in sorted(rights)]
    cursor = await connection.execute(_LACKING, ([right for right, _ in pairs], [table for _, table in pairs]))
    return tuple(right for (right,) in await cursor.fetchall())
