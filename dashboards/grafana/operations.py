"""Dashboard "Operations" (``air-operations``): sensors, what was refused, channels, and whether the service works."""

from __future__ import annotations

from typing import Any, Final

from dashboards.grafana import panels
from dashboards.grafana.field import AGE, STALE_S
from dashboards.grafana.panels import DAYS, LOCAL_ZONE

UID: Final = "air-operations"
SILENT_S: Final = 180
_LOCAL: Final = f"at time zone '{LOCAL_ZONE}', 'YYYY-MM-DD HH24:MI:SS'"

SILENT: Final = f"""select count(*) filter (where last < now() - interval '{SILENT_S} s') as "Silent"
  from statistics.sensor"""
WAITING: Final = 'select coalesce(max(waiting), 0) as "Waiting" from statistics.channel'
SENSORS: Final = f"""select sensor as "Sensor", to_char(last {_LOCAL}) as "Last heard",
  round(extract(epoch from now() - last)) as "Seconds ago" from statistics.sensor order by last limit 200"""
CHANNELS: Final = f"""select channel as "Channel", waiting as "Waiting",
  to_char(waiting_since {_LOCAL}) as "Oldest of", failures as "Failures" from statistics.channel order by channel"""
REFUSED: Final = f"""select reason as "Reason", coalesce(nullif(sensor, ''), 'not known') as "Sensor",
  sum(n)::bigint as "Messages" from statistics.refused where {DAYS} group by 1, 2 order by 3 desc limit 100"""
DETECTIONS: Final = f"""select day::timestamp at time zone '{LOCAL_ZONE}' as "time", detections as "Detections"
  from statistics.daily where {DAYS} order by day"""


def dashboard(console_url: str | None = None) -> dict[str, Any]:
    """The whole dashboard."""
    no_channel = "No channel is configured"
    return panels.board(
        UID,
        "Operations",
        [
            panels.stat(
                1,
                "Age of the picture",
                (0, 0, 8, 4),
                AGE,
                "Seconds since the service last worked and stored a second; /readyz of the service says what is wrong.",
                "The service has not stored a second yet",
                "s",
                thresholds=panels.limits((None, panels.GREEN), (STALE_S, panels.RED)),
                color={"mode": "thresholds"},
            ),
            panels.stat(
                2,
                "Silent sensors",
                (8, 0, 8, 4),
                SILENT,
                f"Sensors that have not been heard for {SILENT_S} seconds, of those that ever said anything.",
                "No sensor has ever said anything",
                thresholds=panels.limits((None, panels.GREEN), (1, panels.RED)),
                color={"mode": "thresholds"},
            ),
            panels.stat(
                3,
                "Tellings that wait",
                (16, 0, 8, 4),
                WAITING,
                "The longest queue of a channel: tellings that it has not delivered yet.",
                no_channel,
                thresholds=panels.limits((None, panels.GREEN), (10, panels.ORANGE), (100, panels.RED)),
                color={"mode": "thresholds"},
            ),
            panels.table(
                4,
                "Sensors",
                (0, 4, 12, 9),
                SENSORS,
                "When each sensor was last heard; the longest silent first.",
                "No sensor has ever said anything",
            ),
            panels.table(
                5,
                "Channels",
                (12, 4, 12, 9),
                CHANNELS,
                "How many tellings each channel has not delivered yet, and since when the oldest of them waits.",
                no_channel,
            ),
            panels.table(
                6,
                "Refused messages",
                (0, 13, 12, 9),
                REFUSED,
                "Messages that could not be used, by reason and sensor, on the local days of the period.",
                "Nothing was refused in this period",
            ),
            _detections(),
        ],
        description="Whether sensors, channels and the service itself do what they should.",
        first="now-7d/d",
        refresh="30s",
        console_url=console_url,
    )


def _detections() -> dict[str, Any]:
    custom = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 1, "barAlignment": 1, "axisLabel": "a day"}
    return {
        **panels.panel(
            7,
            "timeseries",
            "Detections a day",
            (12, 13, 12, 9),
            "What the sensors heard on each local day.",
        ),
        **panels.query(DETECTIONS, "time_series"),
        **panels.fields("none", "Nothing was heard in this period", decimals=0, min=0, custom=custom),
        "options": {"legend": {"showLegend": False}, "tooltip": {"mode": "single"}},
    }
