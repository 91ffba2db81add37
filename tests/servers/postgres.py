"""Databases for tests: fresh ones on a running server, and a look at every byte they hold."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

_TABLES = (
    "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
    " order by 1"
)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database, gone afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        try:
            yield make_conninfo(server_url, dbname=name)
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def tables(connection: psycopg.Connection[tuple[str]]) -> list[str]:
    return [name for (name,) in connection.execute(_TABLES)]


def truncate(url: str) -> None:
    """Every table of the service empty, its numbers from 1 again; the record of migrations stays."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = [sql.Identifier(name) for name in tables(connection) if name != "migration"]
        connection.execute(sql.SQL("truncate {} restart identity").format(sql.SQL(", ").join(names)))


def dump(url: str) -> str:
    """Every row of every table as text; bytes as hex."""
    lines: list[str] = []
    with psycopg.connect(url, autocommit=True) as connection:
        for name in tables(connection):
            rows = connection.execute(sql.SQL("select held::text from {} as held").format(sql.Identifier(name)))
            lines += [f"{name} {row}" for (row,) in rows]
    return "\n".join(lines)


def scalar(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()
