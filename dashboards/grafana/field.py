"""Dashboard "Field live" (``air-field-live``): open alerts for whoever is on duty, and whether the picture is alive.

The console is where alerts are taken and handled; this is what hangs on a wall beside other dashboards. Whom and where
it does not know, by the rights of its login.
"""

from __future__ import annotations

from typing import Any, Final

from dashboards.grafana import panels
from dashboards.grafana.panels import LOCAL_ZONE

UID: Final = "air-field-live"
STALE_S: Final = 5.0  # the console's limit: a picture older than this is no picture
_OPEN: Final = "from statistics.alert where state <> 'closed'"
_NONE: Final = "No open alert; that the sky is empty says the console, and only while the picture is alive"

AGE: Final = 'select extract(epoch from now() - time) as "Age" from statistics.tick'
COUNT: Final = f'select count(*) as "Open" {_OPEN}'
WAITING: Final = f"""select extract(epoch from now() - min(opened)) as "Waiting"
  {_OPEN} and acknowledgement = 'nobody' and condition = 'there'"""
TABLE: Final = f"""select to_char(opened at time zone '{LOCAL_ZONE}', 'YYYY-MM-DD HH24:MI:SS') as "Since",
  verdict as "Verdict", zone_name as "Airspace", matter_en as "What", acknowledgement as "Handled",
  condition as "Drone", priority as "Priority" {_OPEN} order by priority desc, opened limit 200"""

# How many alerts were there at once, airspace by airspace; what began before the period is shown from its start.
TIMELINE: Final = """with span as (
  select coalesce(zone_name, kind) as zone, opened as starts, coalesce(ended, closed) as ends from statistics.alert
  where opened <= $__timeTo() and coalesce(ended, closed, now()) >= $__timeFrom()
), step as (
  select zone, starts as moment, 1 as change from span
  union all select zone, ends, -1 from span where ends is not null
), standing as (
  select zone, moment, sum(sum(change)) over (partition by zone order by moment) as n from step group by zone, moment
)
select distinct on (zone, greatest(moment, $__timeFrom()::timestamptz))
  greatest(moment, $__timeFrom()::timestamptz) as "time", zone as metric, n as "Alerts"
from standing order by zone, greatest(moment, $__timeFrom()::timestamptz), moment desc"""
TIMELINE_SORTED: Final = f'select * from ({TIMELINE}) as drawn order by "time"'


def dashboard(console_url: str | None = None) -> dict[str, Any]:
    """The whole dashboard."""
    return panels.board(
        UID,
        "Field live",
        [
            panels.stat(
                1,
                "Age of the picture",
                (0, 0, 6, 4),
                AGE,
                "Seconds since the service last worked and stored a second. Red: there is no live data, and nothing"
                " below can be believed.",
                "No live data: the service has not stored a second yet",
                "s",
                thresholds=panels.limits((None, panels.GREEN), (STALE_S, panels.RED)),
                color={"mode": "thresholds"},
            ),
            panels.stat(
                2,
                "Open alerts",
                (6, 0, 6, 4),
                COUNT,
                "Alerts with which somebody has still something to do.",
                _NONE,
                thresholds=panels.limits((None, panels.GREY), (1, panels.RED)),
                color={"mode": "thresholds"},
            ),
            panels.stat(
                3,
                "Longest waiting for anybody",
                (12, 0, 12, 4),
                WAITING,
                "Since when the oldest alert whose drone is still there has been taken by nobody.",
                "Nobody is waited for",
                "s",
                thresholds=panels.limits((None, panels.ORANGE), (60, panels.RED)),
                color={"mode": "thresholds"},
            ),
            panels.table(
                4,
                "Open alerts",
                (0, 4, 24, 10),
                TABLE,
                "Highest priority first. An alert is taken and handled on the console, which is linked above.",
                _NONE,
            ),
            _timeline(),
        ],
        description="Open alerts for whoever is on duty, and whether the picture is alive.",
        first="now-6h",
        refresh="5s",
        console_url=console_url,
    )


def _timeline() -> dict[str, Any]:
    steps = panels.limits((None, panels.GREY), (1, panels.ORANGE), (2, panels.RED))
    return {
        **panels.panel(
            5,
            "state-timeline",
            "Alerts by airspace",
            (0, 14, 24, 9),
            "How many alerts there were at once in each airspace, from the first telling until the drone had gone.",
        ),
        **panels.query(TIMELINE_SORTED, "time_series"),
        **panels.fields("none", "No alert in this period", thresholds=steps, color={"mode": "thresholds"}, decimals=0),
        "options": {"showValue": "auto", "mergeValues": True, "rowHeight": 0.8, "legend": {"showLegend": False}},
    }
