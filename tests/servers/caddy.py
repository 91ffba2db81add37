"""Debian's Caddy with the site that ``deploy/Caddyfile`` delivers, on a loopback port and without a certificate."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.service import free_port, wait_for

DELIVERED = Path(__file__).resolve().parents[2] / "deploy" / "Caddyfile"
_GLOBAL = "{\n\tadmin off\n\tauto_https off\n\tgrace_period 1s\n}\n"


def caddy_program() -> str:
    """Where Caddy is; without it the test says why it skips, and in CI fails."""
    program = shutil.which("caddy")
    if program is None:
        missing = "no Caddy: install it"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return program


@contextmanager
def caddy(folder: Path, service_port: int) -> Iterator[int]:
    """The port of a proxy before a service."""
    port, site = free_port(), DELIVERED.read_text(encoding="utf-8")
    for here, there in {
        "\ndrones.example.org {": f"\nhttp://:{port} {{",
        "127.0.0.1:8480 {": f"127.0.0.1:{service_port} {{",
    }.items():
        assert here in site
        site = site.replace(here, there)
    (folder / "Caddyfile").write_text(_GLOBAL + site, encoding="utf-8")
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(
            [caddy_program(), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")],
            stdout=log,
            stderr=log,
            env=environment,
        )
    try:
        wait_for(lambda: _listens(port) and process.poll() is None, "Caddy runs")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
