"""Mutated input for every decoder: ``python -m bench.fuzz [--minutes 10] [--engine atheris|random] [--json FILE]``.

The corpus is seeded from the real files (``AIRSPACE_TEST_DATA``, default ``../shared/data``; without them from our own
samples alone) and from one message of every format. Each input is given to one decoder, as bytes off a wire, a captured
frame or a file; what must hold is that nothing is raised, every message is accounted for, rows keep their types, the
same message decodes alone as it does among others, and Open Drone ID bytes give what the one-message reference reads.

``atheris`` is guided by coverage; it has no wheels for all platforms and is no dependency, so ``random`` (seeded, the
same inputs every time) is what is always there. A fault does not end the run: it is kept by its kind and printed, as
hex, in the JSON line; the exit code is 1 then.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from airspace.model.detection import COLUMNS, Detections
from airspace.model.message import MAX_QUARANTINE_BYTES, Decoded, RawMessage, RejectReason
from bench.report import Row, finish, options
from bench.samples import DRONES, samples, structure
from bench.workload import City
from receivers.formats import ble, wifi
from receivers.formats.detect import FORMATS
from receivers.formats.odid_batch import decode_payloads
from receivers.formats.pcap import read_packets
from tests.receivers import odid_oracle

NOW_S: Final = 1_772_366_400.4
LINKS: Final = (None, wifi.LINK_80211, wifi.LINK_RADIOTAP, ble.LINK_NORDIC, ble.LINK_HCI_H4)
NAMES: Final = tuple(sorted(FORMATS))
REFERENCE: Final = len(NAMES)  # instead of a format: Open Drone ID bytes against the reference
CAPTURE: Final = REFERENCE + 1  # instead of a format: a capture file
TARGETS: Final = CAPTURE + 1
MOST_BYTES: Final = 8192
MOST_KINDS: Final = 100  # of faults that are kept
NEIGHBOUR: Final = b'{"protocol":1.0,"data":{"sensor ID":"s1","timestamp":1735677508366,"status":"normal"}}'
WORKER: Final = "AIRSPACE_FUZZ_WORKER"  # set for the process that atheris runs in


class BrokenError(AssertionError):
    """Something that must hold does not."""


# one input


def check(data: bytes) -> None:
    """One input: which decoder, over which link, and the bytes. Raises what is wrong."""
    if len(data) < 2:
        return
    target, link, payload = data[0] % TARGETS, LINKS[data[1] % len(LINKS)], data[2:]
    if target == REFERENCE:
        _against_reference(payload)
    elif target == CAPTURE:
        packets, _ = read_packets(payload, "fuzz")
        _account(FORMATS["auto"](packets), len(packets))
    else:
        _decoder(NAMES[target], payload, link)


def _decoder(name: str, payload: bytes, link: int | None) -> None:
    message = RawMessage(payload=payload, received_s=NOW_S, sensor="mast", place="here", link_type=link)
    other = RawMessage(payload=NEIGHBOUR, received_s=NOW_S, sensor="mast", place="there")
    alone, beside = FORMATS[name]([message]), FORMATS[name]([other])
    _account(alone, 1)
    among = FORMATS[name]([other, message, other])
    _same(among.detections, Detections.concat([beside.detections, alone.detections, beside.detections]))
    if len(among.rejects) != len(alone.rejects) + 2 * len(beside.rejects):
        raise BrokenError("neighbours change what is refused")


def _account(decoded: Decoded, messages: int) -> None:
    rows = decoded.detections
    if len(rows) + len(decoded.rejects) + len(decoded.heartbeats) + decoded.ignored < messages:
        raise BrokenError("a message left no trace")
    if any(len(reject.payload) > MAX_QUARANTINE_BYTES or not reject.detail for reject in decoded.rejects):
        raise BrokenError("a reject that is too large or says nothing")
    if not all(isinstance(sensor, str) and sensor for sensor in rows.sensor):
        raise BrokenError("a row without a sensor")
    if not all(isinstance(content, bytes) and len(content) == 16 for content in rows.content_id):
        raise BrokenError("a content id that is none")
    for column, least, most in (("latitude_deg", -90, 90), ("longitude_deg", -180, 180), ("track_deg", 0, 360)):
        values = getattr(rows, column)
        if bool(((values < least) | (values > most)).any()):
            raise BrokenError(f"{column} out of range")
    for column, kind in COLUMNS.items():
        if kind == "number" and bool(np.isinf(getattr(rows, column)).any()):
            raise BrokenError(f"{column} is infinite")


def _same(left: Detections, right: Detections) -> None:
    for column in COLUMNS:
        one, other = getattr(left, column), getattr(right, column)
        equal = np.array_equal(one, other, equal_nan=True) if one.dtype.kind == "f" else np.array_equal(one, other)
        if not equal:
            raise BrokenError(f"neighbours change {column}")


def _against_reference(payload: bytes) -> None:
    rows, _, refused = decode_payloads(odid_oracle.payloads([payload], NOW_S))
    expected = odid_oracle.expected(payload, NOW_S)
    if isinstance(expected, RejectReason):
        if len(rows) or [reject.reason for reject in refused] != [expected]:
            raise BrokenError(f"the reference refuses with {expected}")
        return
    if len(rows) != 1:
        raise BrokenError("the reference reads a row")
    found = odid_oracle.row(rows, 0)
    for column, value in expected.items():
        if not _close(found[column], odid_oracle.plain(value)):
            raise BrokenError(f"the reference reads another {column}")


def _close(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, (int, float)):
        return abs(found - expected) <= 1e-9 * max(1.0, abs(expected))
    return bool(found == expected)


# seeds


def seeds() -> list[bytes]:
    """Inputs that are well formed, or were on the air."""
    made = []
    city = City(DRONES)
    for sample in samples(city):
        payload = sample.messages(1)[0].payload
        made += [bytes([_target("auto"), LINKS.index(sample.link_type)]) + payload]
        made += [bytes([target, LINKS.index(sample.link_type)]) + payload for target in _named(sample.name)]
    made += [bytes([REFERENCE, 0]) + city.pack(1, 1.0), bytes([_target("dronescout"), 0]) + structure(1)]
    made += [bytes([REFERENCE, 0]) + city.pack(1, 1.0)[3 + 25 * part : 28 + 25 * part] for part in range(3)]
    return made + list(_real())


def _named(sample: str) -> list[int]:
    return [index for index, name in enumerate(NAMES) if sample.partition(",")[0].replace(" lines", "") == name]


def _target(name: str) -> int:
    return NAMES.index(name)


def _real() -> Iterator[bytes]:
    folder = Path(os.environ.get("AIRSPACE_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    for file in sorted((folder / "remote-id").rglob("*")) if folder.is_dir() else []:
        content = file.read_bytes() if file.is_file() else b""
        if file.suffix in {".pcap", ".pcapng"}:
            yield bytes([CAPTURE, 0]) + content[:MOST_BYTES]
            packets, _ = read_packets(content, file.name)
            kinds = {(packet.link_type, len(packet.payload)): packet for packet in packets}
            for packet in kinds.values():
                if packet.link_type in LINKS:
                    yield bytes([_target("pcap"), LINKS.index(packet.link_type)]) + packet.payload
                    at = packet.payload.find(b"\xfa\x0b\xbc\x0d")
                    if at >= 0:
                        yield bytes([REFERENCE, 0]) + packet.payload[at + 5 :]
        elif file.suffix == ".hex":
            with contextlib.suppress(ValueError):
                yield bytes([_target("auto"), 0]) + bytes.fromhex("".join(content.decode().split()))
            yield bytes([_target("hex"), 0]) + content[:MOST_BYTES]
        elif file.suffix == ".json":
            yield from (bytes([target, 0]) + content[:MOST_BYTES] for target in range(len(NAMES)))


# engines


class Faults:
    """What went wrong, one of each kind."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, str]] = {}

    def run(self, data: bytes) -> None:
        """One input; a fault is kept and not raised."""
        try:
            check(data)
        except Exception as error:  # noqa: BLE001 -- any is what we look for
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} {str(error)[:80]} at {Path(place.filename).name}:{place.lineno}"
            if kind not in self.kinds and len(self.kinds) < MOST_KINDS:
                self.kinds[kind] = {"fault": kind, "decoder": decoder_of(data), "input": data.hex()}


def decoder_of(data: bytes) -> str:
    target = data[0] % TARGETS
    return NAMES[target] if target < REFERENCE else ("reference", "capture")[target - REFERENCE]


def randomly(seconds: float) -> dict[str, Any]:
    """Seeds first, then mutations of seeds and of each other."""
    rng, faults, corpus = random.Random(1), Faults(), seeds()
    by_target: dict[str, int] = {}
    start, inputs = time.monotonic(), 0
    for data in corpus:
        faults.run(data)
    while time.monotonic() - start < seconds:
        for _ in range(100):
            data = _mutated(rng, rng.choice(corpus), corpus)
            by_target[decoder_of(data)] = by_target.get(decoder_of(data), 0) + 1
            faults.run(data)
            inputs += 1
    took_s = time.monotonic() - start
    return {"inputs": inputs + len(corpus), "seconds": took_s, "seeds": len(corpus), "by_decoder": by_target} | {
        "faults": list(faults.kinds.values())
    }


def _mutated(rng: random.Random, seed: bytes, corpus: list[bytes]) -> bytes:
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        rng.choice(MUTATIONS)(rng, data, corpus)
    return bytes([seed[0], seed[1]]) + bytes(data[2 : MOST_BYTES + 2])


def _flip(rng: random.Random, data: bytearray, _: list[bytes]) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(rng: random.Random, data: bytearray, _: list[bytes]) -> None:
    data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x7B, 0x5D, rng.randrange(256)))


def _cut(rng: random.Random, data: bytearray, _: list[bytes]) -> None:
    del data[rng.randrange(2, len(data) + 1) if len(data) > 2 else 2 :]


def _drop(rng: random.Random, data: bytearray, _: list[bytes]) -> None:
    at = rng.randrange(2, max(3, len(data)))
    del data[at : at + rng.randrange(1, 9)]


def _repeat(rng: random.Random, data: bytearray, _: list[bytes]) -> None:
    at = rng.randrange(2, max(3, len(data)))
    part = bytes(data[at : at + rng.randrange(1, 65)])
    data[at:at] = part * rng.randrange(1, 4)


def _splice(rng: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    other = rng.choice(corpus)[2:]
    at = rng.randrange(max(1, len(other)))
    data[rng.randrange(2, max(3, len(data))) :] = other[at : at + MOST_BYTES]


def _number(rng: random.Random, data: bytearray, _: list[bytes]) -> None:
    digits = [index for index in range(2, len(data)) if 0x30 <= data[index] <= 0x39]
    if digits:
        at = rng.choice(digits)
        data[at : at + 1] = rng.choice((b"1e999", b"-1", b"null", b"NaN", b"9" * 30, b'"x"', b"[]", b"{}", b"0.1"))


Mutation = Callable[[random.Random, bytearray, list[bytes]], None]
MUTATIONS: Final[tuple[Mutation, ...]] = (_flip, _set, _cut, _drop, _repeat, _splice, _number)


def guided(seconds: float) -> dict[str, Any]:
    """Coverage-guided, in a process of its own: libFuzzer ends the process that it runs in."""
    with tempfile.TemporaryDirectory(prefix="airspace-fuzz-") as folder:
        corpus, told = Path(folder) / "corpus", Path(folder) / "told.json"
        corpus.mkdir()
        made = seeds()
        for data in made:
            (corpus / hashlib.sha256(data).hexdigest()).write_bytes(data)
        command = [sys.executable, "-m", "bench.fuzz", str(corpus), f"-max_total_time={round(seconds)}"]
        command += [
            f"-max_len={MOST_BYTES}",
            "-timeout=20",
            "-rss_limit_mb=6000",
            "-malloc_limit_mb=512",
            "-seed=1",
            "-print_final_stats=1",
        ]
        command += [f"-artifact_prefix={folder}/"]
        done = subprocess.run(
            command, env=os.environ | {WORKER: str(told)}, capture_output=True, text=True, check=False
        )
        result: dict[str, Any] = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {"faults": []}
        stats = [line.split()[-1] for line in done.stderr.splitlines() if "stat::number_of_executed_units" in line]
        stopped = [file for kind in ("timeout", "oom", "crash", "slow-unit") for file in Path(folder).glob(f"{kind}-*")]
        result["faults"] += [
            {
                "fault": file.name.split("-")[0],
                "decoder": decoder_of(file.read_bytes()),
                "input": file.read_bytes().hex(),
            }
            for file in stopped
        ]
        if not stats or done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["ended without a word"]
            result["faults"].append({"fault": f"engine: {last[0][:200]}", "decoder": "", "input": ""})
        return result | {"inputs": int(stats[0]) if stats else 0, "seeds": len(made), "seconds": seconds}


def work(arguments: list[str]) -> None:
    """The process that atheris runs in; it writes what it found now and then, as it is ended from outside."""
    atheris = importlib.import_module("atheris")  # not on every platform

    faults, told, known = Faults(), Path(os.environ[WORKER]), -1
    by_decoder: dict[str, int] = {}
    runs = 0

    def one(data: bytes) -> None:
        nonlocal known, runs
        runs += 1
        if data:
            by_decoder[decoder_of(data)] = by_decoder.get(decoder_of(data), 0) + 1
        faults.run(data)
        if runs % 1000 == 0 or len(faults.kinds) != known:
            known = len(faults.kinds)
            content = {"faults": list(faults.kinds.values()), "by_decoder": by_decoder}
            told.write_text(json.dumps(content), encoding="utf-8")

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


def main() -> int:
    """Run an engine and print what it found."""
    parser = options(__doc__ or "")
    parser.add_argument("--minutes", type=float, default=None, help="10; quick: half a minute")
    parser.add_argument("--engine", choices=("atheris", "random"), default=None, help="atheris where it is installed")
    arguments = parser.parse_args()
    seconds = 60.0 * (arguments.minutes or (0.5 if arguments.quick else 10.0))
    has_atheris = importlib.util.find_spec("atheris") is not None
    engine = arguments.engine or ("atheris" if has_atheris else "random")
    if engine == "atheris" and not has_atheris:
        parser.error("atheris is not installed: use --engine random")
    result = guided(seconds) if engine == "atheris" else randomly(seconds)
    for fault in result["faults"]:
        print(f"{fault['decoder']}: {fault['fault']}\n  {fault['input'][:400]}")
    row = Row(case=f"inputs, {engine}", size=MOST_BYTES, batch=1, rate_per_cpu_s=result["inputs"] / result["seconds"])
    checks = {"no input breaks a decoder": not result["faults"], "it ran": result["inputs"] > 0}
    finish("fuzz", [row], checks, arguments.json, engine=engine, has_atheris=has_atheris, run=result)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    if WORKER in os.environ:
        work(sys.argv[1:])
    else:
        sys.exit(main())
