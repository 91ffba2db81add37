"""Debian's nginx with the server block that ``deploy/nginx.conf`` delivers, on a loopback port."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.service import free_port, wait_for

DELIVERED = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
_MAIN = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {server}
}}
"""


def nginx_program() -> str:
    """Where nginx is; without it the test says why it skips, and in CI fails."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing = "no nginx: install it"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return program


@contextmanager
def nginx(
    folder: Path, service_port: int, *, keeps_prefix: bool = False, more: str = "", port: int = 0
) -> Iterator[int]:
    """The port of a proxy before a service; ``more`` are directives for its location."""
    port = port or free_port()
    server = DELIVERED.read_text(encoding="utf-8")
    server = re.sub(r"^\s*ssl_.*\n", "", server, flags=re.MULTILINE)
    server = server.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    target = f"http://127.0.0.1:{service_port}{'' if keeps_prefix else '/'}"
    server = server.replace("proxy_pass http://127.0.0.1:8480/;", f"proxy_pass {target}; {more}")
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, server=server))
    process = subprocess.Popen(
        [nginx_program(), "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE
    )
    try:
        wait_for(lambda: (folder / "pid").is_file() and process.poll() is None, "nginx runs")
        yield port
    finally:
        process.terminate()
        process.wait(20)
        if process.stderr is not None:
            process.stderr.close()
