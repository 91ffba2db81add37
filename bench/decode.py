"""Decoding alone: ``python -m bench.decode [--quick] [--json FILE]``.

Rows per CPU second of every format, fully checked, unknown values made null, at batches of 1, 256 and 4096. Beside
them in the same run: opendroneid-core-c and others' parsers where ``AIRSPACE_BENCH_PEERS`` names a folder that holds
them (``bench.decode_peers``; else null with the reason), and our own one-message reference path. What either side
leaves out: core-c tells no unknown from its marker and checks no text, ours fills some 45 columns; RemoteIDReceiver
makes an object a message and raises on some valid times; BlueMark's figure stops at which blocks are valid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from airspace.model.detection import Transport, texts
from airspace.model.message import RawMessage
from bench.decode_peers import Peer, bluemark, core_c, remote_id_receiver
from bench.report import Row, finish, options, rate
from bench.samples import DRONES, NOW_S, Sample, pack, samples
from bench.workload import City
from receivers.formats import odid
from receivers.formats.odid_batch import decode_payloads
from receivers.formats.sheet import Payloads

BATCHES = (1, 256, 4096)
REFERENCE = "odid.decode_pack, one at a time"
PACK_BYTES = 78
PEER_MESSAGES = 1024
AIMS = {"opendroneid-core-c": 0.3, "RemoteIDReceiver + json + base64": 20.0}  # the design's table, batch 4096
BESIDE: dict[str, list[Callable[[], Peer]]] = {
    "dronescout, messages": [partial(remote_id_receiver, from_json=True)],
    "dronescout, structure": [bluemark],
}


def main() -> None:
    """Run all cases and print them."""
    arguments = options(__doc__ or "").parse_args()
    least_s, runs = (0.05, 4) if arguments.quick else (0.3, 5)
    city = City(DRONES)
    rows: list[Row] = []
    absent: dict[str, str | None] = {}
    checks: dict[str, bool] = {}
    for sample in samples(city):
        messages = sample.messages(BATCHES[-1])
        peers = [make() for make in BESIDE.get(sample.name, [])]
        absent |= {peer.name: peer.reason for peer in peers if peer.run is None}
        payloads = [message.payload for message in messages]
        ours = {batch: partial(_decoded, sample, messages[:batch]) for batch in BATCHES}
        rows += _rows(sample.name, len(payloads[0]), *_measured(ours, peers, payloads, least_s, runs))
        checks[f"every message of {sample.name} gives a row"] = _decoded(sample, messages) == len(messages)
    packs = [pack(city, number) for number in range(BATCHES[-1])]
    peers = [_reference(), core_c(), remote_id_receiver(from_json=False)]
    absent |= {peer.name: peer.reason for peer in peers if peer.run is None}
    ours = {batch: partial(_columns, _payloads(packs[:batch])) for batch in BATCHES}
    rows += _rows("pack bytes to columns", PACK_BYTES, *_measured(ours, peers, packs, least_s, runs))
    checks["every pack gives a row"] = _columns(_payloads(packs)) == len(packs)
    checks |= _aims(rows)
    finish("decode", rows, checks, arguments.json, peers_not_installed=absent)


def _decoded(sample: Sample, messages: Sequence[RawMessage]) -> int:
    return len(sample.decode(messages).detections)


def _columns(payloads: Payloads) -> int:
    return len(decode_payloads(payloads)[0])


def _reference() -> Peer:
    return Peer(name=REFERENCE, run=lambda packs: sum(1 for pack in packs if odid.decode_pack(pack)))


def _measured(
    ours: Mapping[int, Callable[[], int]], peers: Sequence[Peer], messages: Sequence[bytes], least_s: float, runs: int
) -> tuple[dict[int, float], list[tuple[Peer, float | None]]]:
    """Our rates by batch and those of the peers, best of some runs in turns: a neighbour's load slows all alike."""
    few = list(messages[:PEER_MESSAGES])
    works: dict[str, Callable[[], int]] = {str(batch): work for batch, work in ours.items()}
    works |= {peer.name: partial(peer.run, few) for peer in peers if peer.run is not None}
    turns = [{name: rate(work, least_s, 1) for name, work in works.items()} for _ in range(runs)]
    best = {name: max(turn[name] for turn in turns) for name in works}
    return {batch: best[str(batch)] for batch in ours}, [(peer, best.get(peer.name) or None) for peer in peers]


def _rows(case: str, size: int, rates: dict[int, float], peers: list[tuple[Peer, float | None]]) -> list[Row]:
    """A line a batch, and one more for each peer beyond the first."""
    beside = peers or [(Peer(name=""), None)]
    return [
        Row(
            case=case,
            size=size,
            batch=batch,
            rate_per_cpu_s=ours,
            peer=peer.name or None,
            peer_version=peer.version,
            peer_rate_per_cpu_s=theirs,
            ratio=None if theirs is None else ours / theirs,
        )
        for batch, ours in rates.items()
        for peer, theirs in beside
    ]


def _aims(rows: list[Row]) -> dict[str, bool]:
    """The design's table, for the peers that ran."""
    return {
        f"{AIMS[row.peer]:g} of {row.peer} at {row.batch}": row.ratio >= AIMS[row.peer]
        for row in rows
        if row.peer in AIMS and row.ratio is not None and row.batch == BATCHES[-1]
    }


def _payloads(packs: list[bytes]) -> Payloads:
    n = len(packs)
    return Payloads(
        data=packs,
        received_s=np.full(n, NOW_S),
        sensor=texts(["north"] * n),
        transmitter=texts([f"02:00:00:00:00:{index % 256:02X}" for index in range(n)]),
        transport=np.full(n, Transport.WIFI_BEACON, dtype=np.int8),
        rssi_dbm=np.full(n, -60.0),
        frequency_hz=np.full(n, 2.437e9),
        counter=np.zeros(n),
        content_id=texts([index.to_bytes(16, "big") for index in range(n)]),
        place=["bench"] * n,
        flags=np.zeros(n, dtype=np.int64),
    )


if __name__ == "__main__":
    main()
