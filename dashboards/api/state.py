"""The one line of state: what the wall shows across its width. Pure; the composition root puts it into ``status()``.

The drone's state wins over the sensors' (a drone that is seen matters more than a sensor that is not); the word "clear"
needs every sensor healthy, and room in the picture for all that they heard in the last minute. The page shows a banner
for either, whatever this line says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from airspace.model.alert import AlertState
from airspace.model.verdict import VerdictValue
from airspace.model.zone import ZoneRole

if TYPE_CHECKING:
    from collections.abc import Sequence

STATES: Final = ("clear", "watch", "drone_near", "over_crowd", "coverage_reduced")
_WATCHED: Final = frozenset({VerdictValue.VIOLATION.value, VerdictValue.SUSPECTED.value})
_IN_FENCE: Final = _WATCHED | {VerdictValue.SITUATION.value}


def state_line(alerts: Sequence[dict[str, Any]], sensors: Sequence[dict[str, Any]], no_room: int) -> str:
    """One of ``STATES`` for the present alert lines, sensors, and detections that found no room lately."""
    open_alerts = [alert for alert in alerts if alert["state"] != AlertState.CLOSED.value]
    roles = {alert["zone_role"] for alert in open_alerts if alert["verdict"] in _IN_FENCE}
    if ZoneRole.BOWL.value in roles:
        return "over_crowd"
    if ZoneRole.RING.value in roles:
        return "drone_near"
    if any(alert["verdict"] in _WATCHED for alert in open_alerts):
        return "watch"
    if no_room or not all(sensor["ok"] for sensor in sensors):
        return "coverage_reduced"
    return "clear"
