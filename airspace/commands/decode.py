"""``airspace decode``: recordings to detections as JSON lines."""

from __future__ import annotations

import sys
from pathlib import Path

from airspace import app
from airspace.commands.ending import endings, fail
from airspace.commands.output import RejectCounts, UnreadCounts, lines, reject_line
from airspace.model.lines import detection_lines


def decode(files: list[Path], format_name: str, receiver_time: str | None, rejects: Path | None) -> None:
    """Print what the files hold; refused messages are counted, never stop the rest."""
    if format_name not in app.FORMATS:
        raise fail(f"--format {format_name!r} is none of {', '.join(app.FORMATS)}", 2)
    counts, unread, heartbeats, ignored, sound = RejectCounts(), UnreadCounts(), 0, 0, 0
    with endings(), lines(None, default_stdout=True) as out, lines(rejects) as refused:
        for part in app.decode_files(files, format_name, receiver_time):
            for warning in part.warnings:
                sys.stderr.write(f"airspace: {warning}\n")
            counts.add(part.decoded.rejects)
            unread.add(part.decoded.unread)
            heartbeats += len(part.decoded.heartbeats)
            ignored += part.decoded.ignored
            for detection in detection_lines(part.decoded.detections):
                sound += 1
                if out is not None:
                    out.write(detection)
            for reject in part.decoded.rejects:
                if refused is not None:
                    refused.write(reject_line(reject))
    total = sum(counts.by_reason.values())
    sys.stderr.write(f"{sound} detections, {heartbeats} heartbeats, {ignored} without data, {total} refused\n")
    for line in (*counts.summary(), *unread.summary()):
        sys.stderr.write(line + "\n")
