"""Write the golden output of the match evening anew: ``python -m tests.replay.regenerate``. Read the difference."""

from __future__ import annotations

import tempfile
from pathlib import Path

from airspace.demo import facts, scenario
from tests.replay.chain import replay
from tests.replay.test_match_evening import GOLDEN, START_S, ZONES


def main() -> None:
    """Replay the evening and keep its alerts."""
    with tempfile.TemporaryDirectory() as folder:
        recording, notices = Path(folder) / "evening.jsonl", Path(folder) / "notices.json"
        recording.write_bytes(scenario.recording(START_S))
        notices.write_bytes(facts.notices(START_S))
        GOLDEN.write_bytes(replay(recording, zones=[ZONES], notices=[notices], batch=256).lines + b"\n")


if __name__ == "__main__":
    main()
