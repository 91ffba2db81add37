"""The data source in words that Grafana's driver knows."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from dashboards.grafana.source import DATA_SOURCE_TYPE, Database, UnreachableForGrafana, data_source, database_of

PLAIN = "postgresql://u:p@h/db"


def written(url: str, *, encrypted: bool | None = None, files: dict[str, str] | None = None) -> dict[str, Any]:
    return data_source(database_of(conninfo_to_dict(url), encrypted=encrypted, files=files or {}))


@pytest.mark.parametrize(
    ("mode", "encrypted", "wanted"),
    [
        ("disable", True, "disable"),
        ("require", None, "require"),
        ("verify-ca", None, "verify-ca"),
        ("verify-full", False, "verify-full"),
        ("prefer", True, "require"),
        ("prefer", False, "disable"),
        ("prefer", None, "require"),
        ("allow", False, "disable"),
        (None, True, "require"),
        (None, False, "disable"),
        (None, None, "require"),
    ],
)
def test_modes(mode: str | None, encrypted: bool | None, wanted: str) -> None:  # noqa: FBT001 -- a table
    source = written(PLAIN if mode is None else f"{PLAIN}?sslmode={mode}", encrypted=encrypted)
    assert source["jsonData"]["sslmode"] == wanted


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://u@h/db", "h:5432"),
        ("postgresql://u@db.example.org:6543/db", "db.example.org:6543"),
        ("postgresql://u@[2001:db8::7]/db", "[2001:db8::7]:5432"),
        ("postgresql://u@[::1]:6543/db", "[::1]:6543"),
        ("user=u dbname=db hostaddr=2001:db8::7", "[2001:db8::7]:5432"),
        ("user=u dbname=db host=192.0.2.5 port=6000", "192.0.2.5:6000"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    assert written(url)["url"] == address


def test_certificates_are_handed_over_as_they_are() -> None:
    source = written(f"{PLAIN}?sslmode=verify-full", files={"sslrootcert": "CA", "sslcert": "OURS", "sslkey": "KEY"})
    assert source["jsonData"]["tlsConfigurationMethod"] == "file-content"
    assert source["secureJsonData"] == {
        "password": "p",
        "tlsCACert": "CA",
        "tlsClientCert": "OURS",
        "tlsClientKey": "KEY",
    }
    assert written(f"{PLAIN}?sslmode=require", files={"sslrootcert": "CA"})["jsonData"]["sslmode"] == "verify-ca"


@pytest.mark.parametrize("more", ["sslmode=none", "service=air", "passfile=/x", "options=-csearch_path%3Dx"])
def test_what_grafana_does_not_know_is_refused(more: str) -> None:
    with pytest.raises(UnreachableForGrafana):
        written(f"{PLAIN}?{more}")


def test_form() -> None:
    source = written("postgresql://reader:pw@h/air%20space?sslmode=disable")
    assert (source["type"], source["user"]) == (DATA_SOURCE_TYPE, "reader")
    assert source["jsonData"]["database"] == "air space"
    assert "tlsConfigurationMethod" not in source["jsonData"]
    assert "pw" not in repr(Database(password="pw"))
