"""``airspace decode``: recordings to detections as JSON lines."""

from __future__ import annotations

import sys
from pathlib import Path

from airspace import app
from airspace.commands import values
from airspace.commands.ending import endings, fail
from airspace.commands.output import RejectCounts, UnreadCounts, lines, reject_line
from airspace.commands.progress import progress
from airspace.commands.said import SaidBySensors
from airspace.model.lines import detection_lines
from airspace.model.message import RejectReason


def decode(files: list[Path], format_name: str, receiver_time: str | None, rejects: Path | None) -> None:
    """Print what the files hold; refused messages are counted, never stop the rest."""
    values.apart([("FILES", file) for file in files], [("--rejects", rejects)])
    counts, heartbeats, ignored, sound = RejectCounts(), 0, 0, 0
    said, unread = SaidBySensors(), UnreadCounts()
    with (
        endings(),
        progress("decoding", data_on_stdout=True) as advance,
        lines(None, default_stdout=True) as out,
        lines(rejects) as refused,
    ):
        for part in app.decode_files(files, format_name, receiver_time):
            for warning in part.warnings:
                sys.stderr.write(f"airspace: {warning}\n")
            counts.add(part.decoded.rejects)
            unread.add(part.decoded.unread)
            heartbeats += len(part.decoded.heartbeats)
            said.add(part.decoded.heartbeats)
            ignored += part.decoded.ignored
            for detection in detection_lines(part.decoded.detections):
                sound += 1
                if out is not None:
                    out.write(detection)
            advance(0.0, f"{sound:,} detections, {counts.by_reason.total():,} refused")
            for reject in part.decoded.rejects:
                if refused is not None:
                    refused.write(reject_line(reject))
    total = counts.by_reason.total()
    sys.stderr.write(f"{sound} detections, {heartbeats} heartbeats, {ignored} without data, {total} refused\n")
    for line in (*said.summary(), *counts.summary(), *unread.summary()):
        sys.stderr.write(line + "\n")
    if set(counts.by_reason) == {RejectReason.UNKNOWN_FORMAT.value} and not sound + heartbeats + ignored:
        raise fail(f"no recording of a known format: {', '.join(map(str, files))}")
