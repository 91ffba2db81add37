"""Decoding alone: ``python -m bench.decode [--quick] [--json FILE]``.

Three-message packs (Basic ID, Location, System) as bytes and inside DroneScout's JSON, batch by batch, fully checked,
unknown values made null. Beside them our own one-message reference path, in the same run. opendroneid-core-c is no
package: its figure is null, never a remembered one.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from airspace.model.detection import Transport, texts
from airspace.model.message import RawMessage
from bench.report import Row, finish, options, rate
from bench.workload import START_S, City
from receivers.formats import dronescout, odid
from receivers.formats.odid_batch import Payloads, decode_payloads

BATCHES = (1, 16, 256, 1024, 4096)
REFERENCE = "odid.decode_pack, one at a time"


def main() -> None:
    """Run all cases and print them."""
    arguments = options(__doc__ or "").parse_args()
    least_s = 0.2 if arguments.quick else 1.0
    city = City(4096)
    packs = [city.pack(drone, 1.0) for drone in range(4096)]
    messages = [RawMessage(payload=city.message(drone, 1.0), received_s=START_S + 1.0) for drone in range(4096)]
    reference = rate(lambda: sum(1 for pack in packs[:500] if odid.decode_pack(pack)), least_s)
    rows = []
    for batch in BATCHES:
        binary = rate(partial(_rows_of_packs, _payloads(packs[:batch])), least_s)
        envelope = rate(partial(_rows_of_json, messages[:batch]), least_s)
        rows.append(_row("pack bytes to columns", batch, binary, reference))
        rows.append(_row("DroneScout JSON to columns", batch, envelope, None))
    checks = {"every pack gives a row": len(decode_payloads(_payloads(packs))[0]) == len(packs)}
    finish("decode", rows, checks, arguments.json, peers_not_installed={"opendroneid-core-c": None})


def _rows_of_packs(payloads: Payloads) -> int:
    return len(decode_payloads(payloads)[0])


def _rows_of_json(messages: list[RawMessage]) -> int:
    return len(dronescout.decode(messages).detections)


def _row(case: str, batch: int, measured: float, reference: float | None) -> Row:
    return Row(
        case=case,
        size=78,
        batch=batch,
        rate_per_cpu_s=measured,
        peer=None if reference is None else REFERENCE,
        peer_rate_per_cpu_s=reference,
        ratio=None if reference is None else measured / reference,
    )


def _payloads(packs: list[bytes]) -> Payloads:
    n = len(packs)
    return Payloads(
        data=packs,
        received_s=np.full(n, START_S + 1.0),
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
