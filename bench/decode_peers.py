"""What others decode with, run from their own published code where it can be had at bench time; never copied in.

``AIRSPACE_BENCH_PEERS`` names a folder with checkouts as they are called in their repositories, and their Python
packages in ``site`` (or on the path):

    opendroneid-core-c         (a C compiler; the loop over the packs is C too, so that only decoding is measured)
    RemoteIDReceiver           (scapy)
    RemoteID-MQTT-subscriber   (bitstruct): BlueMark's subscriber for DroneScout

A peer that is not there is ``None`` with the reason. RemoteIDReceiver raises on every message in the hour after local
midnight: then it has no figure (``TZ`` helps).
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

VARIABLE: Final = "AIRSPACE_BENCH_PEERS"
_LOOP: Final = """
#include "opendroneid.h"
size_t decode_all(const uint8_t *packs, size_t size, size_t count) {
    static ODID_UAS_Data data;
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        odid_initUasData(&data);
        good += decodeOpenDroneID(&data, packs + i * size) == ODID_MESSAGETYPE_PACKED;
    }
    return good;
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Work through some messages and say how many were decoded; or why there is nothing to run."""

    name: str
    version: str | None = None
    run: Callable[[Sequence[bytes]], int] | None = None
    reason: str | None = None


def core_c() -> Peer:
    """opendroneid-core-c: packs to its structure, all of equal size."""
    name = "opendroneid-core-c"
    folder = _folder(name)
    compiler = shutil.which("cc")
    if folder is None or compiler is None:
        return Peer(name=name, reason=_absent(name) if folder is None else "no C compiler")
    source = folder / "libopendroneid"
    with tempfile.TemporaryDirectory() as made:
        loop, library = Path(made) / "loop.c", Path(made) / "loop.so"
        loop.write_text(_LOOP, encoding="utf-8")
        command = [compiler, "-O3", "-march=native", "-shared", "-fPIC", f"-I{source}", str(loop)]
        command += [str(source / "opendroneid.c"), "-lm", "-o", str(library)]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode:
            return Peer(name=name, reason=f"does not compile: {built.stderr.strip()[:200]}")
        decode_all = ctypes.CDLL(str(library)).decode_all
    decode_all.restype = ctypes.c_size_t
    decode_all.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t)
    joined: dict[int, bytes] = {}

    def run(packs: Sequence[bytes]) -> int:
        data = joined.setdefault(id(packs), b"".join(packs))
        return int(decode_all(data, len(packs[0]), len(packs)))

    return Peer(name=name, version=_version(folder), run=run)


def remote_id_receiver(*, from_json: bool) -> Peer:
    """RemoteIDReceiver's parser: packs, or packs in DroneScout's JSON by ``json`` and ``base64``."""
    name = "RemoteIDReceiver" + (" + json + base64" if from_json else "")
    folder = _folder("RemoteIDReceiver")
    if folder is None:
        return Peer(name=name, reason=_absent("RemoteIDReceiver"))
    with _searched(folder / "Receiver" / "backend" / "dronesniffer"):
        try:
            parse = importlib.import_module("parse.ads_stan.parser").DirectRemoteIdMessageParser.parse
        except ImportError as error:
            return Peer(name=name, reason=f"cannot be imported: {error}")

    def unpack(message: bytes) -> Any:
        return parse(base64.b64decode(json.loads(message)["data"]["UASdata"])) if from_json else parse(message)

    def run(messages: Sequence[bytes]) -> int:
        return sum(_survives(unpack, message) for message in messages)

    return Peer(name=name, version=_version(folder), run=run)


def bluemark() -> Peer:
    """BlueMark's subscriber as far as it decodes: JSON, base64 and which blocks of the structure are valid."""
    name = "RemoteID-MQTT-subscriber (valid blocks only)"
    folder = _folder("RemoteID-MQTT-subscriber")
    if folder is None:
        return Peer(name=name, reason=_absent("RemoteID-MQTT-subscriber"))
    with _searched(folder):
        try:
            module = importlib.import_module("modules.open_drone_id")
        except ImportError as error:
            return Peer(name=name, reason=f"cannot be imported: {error}")

    class Blocks:
        """What the subscriber's own class of that name holds."""

        def __init__(self) -> None:
            self.AuthValid = [0] * 16

    def run(messages: Sequence[bytes]) -> int:
        for message in messages:
            data = json.loads(message.decode())["data"]
            module.decode_valid_blocks(base64.b64decode(data["UASdata"]), Blocks())
        return len(messages)

    return Peer(name=name, version=_version(folder), run=run)


def _survives(work: Callable[[bytes], Any], message: bytes) -> bool:
    """RemoteIDReceiver raises for about one valid pack in a hundred (a rounded second of 60)."""
    try:
        work(message)
    except ValueError:
        return False
    return True


def _folder(repository: str) -> Path | None:
    root = os.environ.get(VARIABLE)
    folder = None if root is None else Path(root) / repository
    return folder if folder is not None and folder.is_dir() else None


def _absent(repository: str) -> str:
    return f"no checkout {repository} in the folder that {VARIABLE} names"


@contextlib.contextmanager
def _searched(folder: Path) -> Iterator[None]:
    """Imports look there first, and into the peers' packages last."""
    before = list(sys.path)
    sys.path.insert(0, str(folder))
    sys.path.append(str(Path(os.environ.get(VARIABLE, "")) / "site"))
    try:
        yield
    finally:
        sys.path[:] = before


def _version(folder: Path) -> str | None:
    done = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--short=8", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None
