"""Alert lines as a channel gets them, and words that would do harm."""

from __future__ import annotations

from typing import Any

SERIAL = "ZZQX5DEMO1"
HOSTILE = 'ring, "A"=1 \\ <script>x</script>\nalerts,kind=false priority=1i'


def line(**known: Any) -> dict[str, Any]:
    return {
        "alert_id": "a1",
        "revision": 1,
        "time": "2026-05-01T18:30:00.000Z",
        "opened": "2026-05-01T18:30:00.000Z",
        "state": "opened",
        "kind": "zone",
        "verdict": "violation",
        "priority": 70,
        "sentence_en": "Not allowed: flying in the Schiphol CTR without an approved notice for this drone.",
        "zone_name": "CTR Schiphol",
        "uas_id": SERIAL,
        "latitude_deg": 52.3144,
        "pilot": {"latitude_deg": 52.3052, "longitude_deg": 4.956, "kind": "live", "accuracy_m": 10.0},
        **known,
    }
