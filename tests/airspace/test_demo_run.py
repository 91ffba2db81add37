"""``airspace demo`` as a person starts it: a real process, a real PostgreSQL, told to stop in the middle."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from tests.servers.service import Service, airspace, free_port, wait_for

SPEED = "6"


def get(service: Service, path: str) -> Any:
    with urllib.request.urlopen(f"{service.address}{path}", timeout=5) as answer:
        return json.loads(answer.read())


def post(service: Service, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{service.address}{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def over_the_crowd(service: Service) -> list[dict[str, Any]]:
    return [alert for alert in get(service, "/api/v1/alerts") if alert["zone_role"] == "bowl"]


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True), *_postgres_of(process)]


def _postgres_of(process: psutil.Process) -> list[psutil.Process]:
    """The server is no child of ours: it is found by its data folder, which our process named when it started it."""
    folders = {
        argument
        for child in psutil.process_iter(["cmdline"])
        for argument in child.info["cmdline"] or []
        if "airspace-demo-" in argument and psutil.Process(child.pid).create_time() >= process.create_time()
    }
    return [child for child in psutil.process_iter(["cmdline"]) if folders & set(child.info["cmdline"] or [])]


def test_the_demo_shows_the_evening_and_leaves_nothing(tmp_path: Path) -> None:
    port = free_port()
    with airspace(tmp_path, "demo", "--port", str(port), "--speed", SPEED, port=port) as service:
        wait_for(lambda: bool(over_the_crowd(service)), "the drone over the crowd is told")
        (alert,) = over_the_crowd(service)
        assert alert["verdict"] == "violation"
        assert alert["pilot"]["kind"] == "live"
        taken = post(service, f"/api/v1/alerts/{alert['alert_id']}/acknowledge", {"by": "unit 12"})
        assert (taken["state"], taken["taken_by"]) == ("acknowledged", "unit 12")
        wait_for(lambda: get(service, "/api/v1/status")["day"].get("unauthorised") == 1, "the day counts it")
        wait_for(lambda: get(service, "/api/v1/status")["state"] == "over_crowd", "the state follows within a second")
        assert get(service, "/readyz")["ready"]
        watching = urllib.request.urlopen(f"{service.address}/live", timeout=5)
        assert b"event: status\n" in [watching.readline() for _ in range(4)]
        processes = family(service.process.pid)
        assert len(processes) > 1
        folders = [argument for one in processes[1:] for argument in one.cmdline() if "airspace-demo-" in argument]
        assert service.stop() == 0, "a page that watches does not keep the service from ending"
        watching.close()
    wait_for(lambda: not any(_lives(one) for one in processes), "every process has ended")
    assert not [folder for folder in folders if Path(folder).parent.exists()]
    assert b"Traceback" not in service.log.read_bytes()


def _lives(process: psutil.Process) -> bool:
    """A process that has ended but that nobody asked for is no process."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_taken_port_is_one_line_and_exit_code_one(tmp_path: Path) -> None:
    import socket
    import subprocess
    import sys

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "airspace", "demo", "--port", port],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=os.environ,
        )
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert port in done.stderr
    assert "Traceback" not in done.stderr
