"""Whether a database's address can work at all: what cannot is a fault of the configuration, and not waited for.

Whether anybody answers there is not asked. What is said never quotes: any piece of an address that is read otherwise
than it was meant may be of the password.
"""

from __future__ import annotations

import re
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

_MODES: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_PORT: Final = re.compile("[0-9]{1,5}")
_MOST: Final = 65_535


def fault(url: str) -> str | None:
    """Why no server can be reached by it; None where one may be."""
    try:
        named = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        return (
            "PostgreSQL cannot read it: the form is postgresql://user:password@host:5432/name, with every special"
            " letter of user and password percent-encoded"
        )
    if not _has_ports(named):
        return (
            "the port is no number from 1 to 65535, one or one for each host: is a : / or @ of the password"
            " percent-encoded?"
        )
    if named.get("sslmode", "prefer") not in _MODES:
        return f"sslmode is none of {', '.join(sorted(_MODES))}"
    return None


def _has_ports(named: dict[str, str]) -> bool:
    ports = named.get("port", "").split(",")
    hosts = (named.get("hostaddr") or named.get("host") or "").split(",")
    right = all(not port or (_PORT.fullmatch(port) and 0 < int(port) <= _MOST) for port in ports)
    return right and len(ports) in {1, len(hosts)}
