"""Dashboards into Grafana, by a login of the database that may look at statistics and do nothing else.

The service's own login is never handed on: whoever may look at a dashboard may send any statement with its data
source's login. So what that login may do is looked at before it is written anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from airspace.app import parts
from airspace.model.ports import ChannelError, StoreUnavailable
from airspace.service import config
from airspace.store import readers
from airspace.store.database import Connection, connect, unavailability
from dashboards.grafana import provision
from dashboards.grafana.source import Database, UnreachableForGrafana, database_of, files_of

_REMEDY: Final = f"Make one that is nothing but a member of {readers.ROLE}: docs/operations.md, Grafana"
_ANSWERS: Final = 500  # below it, whatever answers found something wrong with what we asked


def push_dashboards(path: Path) -> Iterator[str]:
    """Folder, data source and dashboards into Grafana; what was done, line by line.

    ``ConfigError``: a key, a login, a token or a version is at fault. ``ChannelError``: Grafana does not answer.
    """
    settings = config.read(path)
    if settings.grafana is None:
        raise config.ConfigError(f"{path}: grafana.url is not set")
    server = parts.grafana(settings.grafana).server
    try:
        database = grafana_database(settings)
        yield from provision.push(server, database, settings.console.public_url)
    except provision.NotAllowed as error:
        raise config.ConfigError(f"grafana: {error}") from error
    except ChannelError as error:
        if is_ours(error):
            raise config.ConfigError(f"grafana: {error}") from error
        raise
    finally:
        server.close()


def is_ours(error: ChannelError) -> bool:
    """Whether url, token or rights are at fault, rather than a server that does not answer."""
    status = getattr(error, "status", None)
    return status is not None and status < _ANSWERS


def render_dashboards(folder: Path) -> list[Path]:
    """The same as provisioning files."""
    return provision.render(folder)


def grafana_database(settings: config.Settings) -> Database:
    """How Grafana reaches the database, looked at; ``ConfigError`` for a way or a login that it must not have."""
    variable = "" if settings.grafana is None else settings.grafana.database_url_env
    url = config.secret(None, variable)
    if not url:
        raise config.ConfigError(
            f"grafana: set the variable {variable} to a URL of the database for Grafana alone, with a login in role"
            f" {readers.ROLE}; the service's own login is never given away"
        )
    try:
        reach = conninfo_to_dict(url)
    except psycopg.Error:  # its words may hold the password
        raise config.ConfigError(f"{variable}: not a URL of a PostgreSQL database") from None
    try:
        files = {key: _text_of(variable, key, path) for key, path in files_of(reach).items()}
        database_of(reach, encrypted=None, files=files)
        found, encrypted = asyncio.run(_looked_at(settings, reach))
        if found:
            raise config.ConfigError(f"{variable}: login {reach['user']} {'; '.join(found)}. {_REMEDY}")
        return database_of(reach, encrypted=encrypted, files=files)
    except UnreachableForGrafana as error:
        raise config.ConfigError(f"{variable}: {error}") from error


async def _looked_at(settings: config.Settings, reach: dict[str, Any]) -> tuple[list[str], bool | None]:
    """What the login must not do, and whether its connection is encrypted, where one can be made from here.

    Grafana may reach a server under a name that is not known here; then the service's own connection is asked.
    """
    try:
        with unavailability():
            connection = await connect(make_conninfo("", **reach), "airspace dashboards push")
    except StoreUnavailable as error:
        if error.refuses:
            return [f"is refused by the database ({error})"], None
        return await _as_service(settings, reach), None
    async with connection:
        return await readers.faults(connection), connection.pgconn.ssl_in_use


async def _as_service(settings: config.Settings, reach: dict[str, Any]) -> list[str]:
    url = settings.database.url or config.secret(None, settings.database.url_env)
    if url is None:
        raise UnreachableForGrafana("does not answer, and database.folder is embedded, which Grafana cannot reach")
    with unavailability():
        connection: Connection = await connect(url, "airspace dashboards push")
    async with connection:
        return await readers.faults(connection, str(reach["user"]))


def _text_of(variable: str, key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise config.ConfigError(f"{variable}: {key} {path}: {error}") from error
