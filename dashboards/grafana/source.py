"""The PostgreSQL data source: how Grafana reaches the database, in words that Grafana's own driver knows.

Grafana runs elsewhere and needs a TCP address; of the library's ``sslmode`` values its driver knows four. What it
cannot use is refused here, not written and found dead later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

DATA_SOURCE_UID: Final = "air-postgres"
DATA_SOURCE_TYPE: Final = "grafana-postgresql-datasource"  # since Grafana 10
POSTGRES_PORT: Final = "5432"
MOST_PORT: Final = 65_535
_KNOWN_MODES: Final = frozenset({"disable", "require", "verify-ca", "verify-full"})
_EITHER: Final = frozenset({"allow", "prefer"})  # the library tries both ways; Grafana must be told which
_FILES: Final = {"sslrootcert": "tlsCACert", "sslcert": "tlsClientCert", "sslkey": "tlsClientKey"}
_UNKNOWN: Final = frozenset({"service", "passfile", "sslpassword", "channel_binding", "options"})


class UnreachableForGrafana(ValueError):  # noqa: N818 -- what is configured, not a mistake of ours
    """Grafana could not use this; the message is one line without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """How Grafana reaches the database; by default the variables that Grafana expands in a provisioning file."""

    address: str = "$AIRSPACE_GRAFANA_DB_ADDRESS"  # host:port, an IPv6 address in brackets
    name: str = "$AIRSPACE_GRAFANA_DB_NAME"
    user: str = "$AIRSPACE_GRAFANA_DB_USER"
    password: str = field(default="$AIRSPACE_GRAFANA_DB_PASSWORD", repr=False)
    ssl_mode: str = "$AIRSPACE_GRAFANA_DB_SSLMODE"
    certificates: Mapping[str, str] = field(default_factory=dict, repr=False)  # Grafana's key -> PEM


def data_source(database: Database) -> dict[str, Any]:
    """The data source under its fixed uid."""
    tls = {"tlsConfigurationMethod": "file-content"} if database.certificates else {}
    return {
        "uid": DATA_SOURCE_UID,
        "name": "Airspace",
        "type": DATA_SOURCE_TYPE,
        "access": "proxy",
        "url": database.address,
        "user": database.user,
        "jsonData": {"database": database.name, "sslmode": database.ssl_mode, "postgresVersion": 1500, **tls},
        "secureJsonData": {"password": database.password, **database.certificates},
    }


def database_of(parts: Mapping[str, Any], *, encrypted: bool | None, files: Mapping[str, str]) -> Database:
    """Of the parts of a connection URL; ``UnreachableForGrafana`` for what Grafana cannot use.

    ``encrypted``: what a connection by it was found to be, where one could be made. ``files``: contents by part.
    """
    for key in ("host", "user", "dbname"):
        if not (parts.get(key) or (key == "host" and parts.get("hostaddr"))):
            raise UnreachableForGrafana(f"{key} is missing: postgresql://USER:PASSWORD@HOST:5432/DATABASE is needed")
    unknown = sorted(_UNKNOWN & set(parts))
    if unknown:
        raise UnreachableForGrafana(f"{unknown[0]}: Grafana does not know it")
    return Database(
        address=_address(str(parts.get("host") or parts["hostaddr"]), str(parts.get("port") or POSTGRES_PORT)),
        name=str(parts["dbname"]),
        user=str(parts["user"]),
        password=str(parts.get("password", "")),
        ssl_mode=_mode(str(parts.get("sslmode") or "prefer"), encrypted=encrypted, root="sslrootcert" in files),
        certificates={_FILES[key]: text for key, text in files.items()},
    )


def files_of(parts: Mapping[str, Any]) -> dict[str, str]:
    """Part -> path of the certificates that the URL names; the system's own authorities are no file."""
    return {key: str(parts[key]) for key in _FILES if parts.get(key) and parts[key] != "system"}


def _address(host: str, port: str) -> str:
    if host.startswith(("/", "@")):
        raise UnreachableForGrafana("host is a Unix socket, which Grafana does not reach: a port is needed")
    if "," in host or "," in port:
        raise UnreachableForGrafana("several hosts: Grafana takes one")
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= MOST_PORT):
        raise UnreachableForGrafana("port is not a number from 1 to 65535")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _mode(mode: str, *, encrypted: bool | None, root: bool) -> str:
    """As Grafana's driver calls it; where either way is asked for, what a connection had, and protected if unknown."""
    if mode == "require" and root:
        return "verify-ca"  # as the library does it
    if mode in _KNOWN_MODES:
        return mode
    if mode in _EITHER:
        return "disable" if encrypted is False else "require"
    raise UnreachableForGrafana(f"sslmode {mode!r}: use disable, require, verify-ca or verify-full")
