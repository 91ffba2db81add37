"""Who may look at statistics from outside: role ``airspace_grafana``, which sees the schema ``statistics`` alone.

The role is a group that nobody can log in as: a login of its own is made for each Grafana and put into it. Making roles
may not be allowed to the service's user; then whoever runs the server makes it, and the next start grants it the rest.
"""

from __future__ import annotations

from typing import Final

import psycopg

from airspace.store.database import MIGRATION_LOCK, Connection, unavailability

ROLE: Final = "airspace_grafana"
NAMED: Final = 3  # tables that a fault names
MAKE_ROLE: Final = f"create role {ROLE} nologin"

_ADMITTED: Final = f"""
select count(*) > 0 and bool_and(
    has_schema_privilege(role.oid, 'statistics', 'usage') and has_table_privilege(role.oid, seen.oid, 'select'))
from pg_roles as role, pg_class as seen
where role.rolname = '{ROLE}' and seen.relnamespace = 'statistics'::regnamespace and seen.relkind = 'v'"""

_GRANT: Final = (
    f"grant usage on schema statistics to {ROLE}",
    f"grant select on all tables in schema statistics to {ROLE}",
)

# What a login may do beyond reading the views; tables of extensions are theirs to guard.
_FAULTS: Final = """
with login as (select * from pg_roles where rolname = coalesce(%(login)s, current_user)),
relation as (
    select seen.oid, seen.relkind, seen.relowner, space.nspname as space, format('%%I.%%I', nspname, relname) as name
    from pg_class as seen join pg_namespace as space on space.oid = seen.relnamespace
    where seen.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and nspname <> 'information_schema' and nspname !~ '^pg_'
        and not exists (
            select from pg_depend
            where classid = 'pg_class'::regclass and objid = seen.oid and deptype = 'e'
        )
)
select 'is a superuser', null from login where rolsuper
union all select 'may make roles', null from login where rolcreaterole
union all select 'may make databases', null from login where rolcreatedb
union all select 'may replicate', null from login where rolreplication
union all select 'may act as', other.rolname from login, pg_roles as other
where other.rolname in (
    'pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files',
    'pg_write_server_files', 'pg_database_owner'
) and pg_has_role(login.oid, other.oid, 'member')
union all select distinct 'may act as owner', owner.rolname from login, relation, pg_roles as owner
where owner.oid = relation.relowner and pg_has_role(login.oid, owner.oid, 'member')
union all select 'may create in database', current_database()::text from login
where has_database_privilege(login.oid, current_database(), 'create')
union all select 'may create in schema', nspname::text from login, pg_namespace
where nspname <> 'information_schema' and nspname !~ '^pg_'
    and has_schema_privilege(login.oid, pg_namespace.oid, 'create')
union all select 'may change', name from login, relation
where case relkind when 'S' then has_sequence_privilege(login.oid, relation.oid, 'usage, update')
    else has_table_privilege(login.oid, relation.oid, 'insert, update, delete, truncate')
        or has_any_column_privilege(login.oid, relation.oid, 'insert, update') end
union all select 'may read', name from login, relation
where relkind <> 'S' and space <> 'statistics' and has_any_column_privilege(login.oid, relation.oid, 'select')
"""

_SEES: Final = """
select to_regclass('statistics.daily') is not null,
    case when to_regclass('statistics.daily') is null then false
    else has_schema_privilege(oid, 'statistics', 'usage') and has_table_privilege(oid, 'statistics.daily', 'select') end
from pg_roles where rolname = coalesce(%(login)s, current_user)"""


async def admit(connection: Connection) -> bool:
    """Make the role and let it see the views; whether anything was done now. What is not allowed is left out."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        if await are_admitted(connection):
            return False
        try:
            async with connection.transaction():
                cursor = await connection.execute("select 1 from pg_roles where rolname = %s", (ROLE,))
                if await cursor.fetchone() is None:
                    await connection.execute(MAKE_ROLE.encode())
                for grant in _GRANT:
                    await connection.execute(grant.encode())
        except psycopg.DatabaseError:  # not allowed to this user, or made by another service at the same time
            return False
    return True


async def are_admitted(connection: Connection) -> bool:
    """Whether the role is there and sees every view."""
    cursor = await connection.execute("select to_regnamespace('statistics') is not null")
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return False
    cursor = await connection.execute(_ADMITTED.encode())
    row = await cursor.fetchone()
    return bool(row and row[0])


async def faults(connection: Connection, login: str | None = None) -> list[str]:
    """Why this login (None: the connection's own) must not be Grafana's; empty for one that may be."""
    with unavailability():
        cursor = await connection.execute(_SEES, {"login": login})
        row = await cursor.fetchone()
        if row is None:
            return ["is not there"]
        migrated, sees = row
        if not migrated:
            return ["finds no statistics: is it the service's database, and did this version start once?"]
        cursor = await connection.execute(_FAULTS, {"login": login})
        found: dict[str, list[str]] = {}
        for what, name in await cursor.fetchall():
            found.setdefault(what, []).extend([] if name is None else [name])
    told = [" ".join(filter(None, (what, _listed(names)))) for what, names in found.items()]
    return told or ([] if sees else [f"may not read the statistics: grant {ROLE} to it"])


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(sorted(names)[:NAMED]) + (f" and {more} more" if more > 0 else "")
