"""A notice as a JSON document, volumes in the shape of F3548-21: what the API shows, the store keeps, imports read.

Altitude references stand as the source wrote them; lengths are metres. Unknown is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from airspace.model.lines import time_text
from airspace.model.units import rfc3339
from airspace.model.zone import Circle, Datum

if TYPE_CHECKING:
    from airspace.model.notice import Notice, NoticeRevision, NoticeVolume
    from airspace.model.zone import Polygon

PERSONAL: Final = ("uas_serials", "operator_registration")  # what mode ``statistics`` neither stores nor shows
_WORDS: Final = {Datum.WGS84: "W84", Datum.AGL: "AGL", Datum.AMSL: "AMSL"}


def notice_document(notice: Notice) -> dict[str, Any]:
    """Everything that is known of the notice."""
    return {
        "id": notice.notice_id,
        "version": notice.version,
        "state": notice.state.value,
        "source": notice.source,
        "uas_serials": list(notice.uas_serials),
        "operator_registration": notice.operator_registration,
        "category": notice.category,
        "class": notice.uas_class,
        "callsign": notice.callsign,
        "mission_type": notice.mission_type,
        "authority": notice.authority,
        "clearance_ref": notice.clearance_ref,
        "conditions": notice.conditions,
        "exemptions": list(notice.exemptions),
        "created": time_text(notice.created_s),
        "approved": time_text(notice.approved_s),
        "ended": time_text(notice.ended_s),
        "cancelled": time_text(notice.cancelled_s),
        "volumes": [_volume_4d(each) for each in notice.volumes],
    } | ({"unread_serials": notice.unread_serials} if notice.unread_serials else {})


def revision_line(revision: NoticeRevision) -> dict[str, Any]:
    """One step of the notice's history."""
    return {
        "version": revision.version,
        "time": rfc3339(revision.time_s),
        "by": revision.by,
        "step": revision.step,
        "state": revision.state.value,
        "changed": revision.changed,
        "note": revision.note,
    }


def _volume_4d(window: NoticeVolume) -> dict[str, Any]:
    volume = window.volume
    return {
        "volume": _outline(volume.shape)
        | {
            "altitude_lower": _altitude(volume.lower_m, window.lower_reference or _WORDS.get(volume.lower_datum)),
            "altitude_upper": _altitude(volume.upper_m, window.upper_reference or _WORDS.get(volume.upper_datum)),
        },
        "time_start": _moment(window.start_s),
        "time_end": _moment(window.end_s),
    }


def _outline(shape: Circle | Polygon) -> dict[str, Any]:
    if isinstance(shape, Circle):
        centre = {"lng": shape.longitude_deg, "lat": shape.latitude_deg}
        return {"outline_circle": {"center": centre, "radius": {"value": shape.radius_m, "units": "M"}}}
    return {"outline_polygon": {"vertices": [{"lng": x, "lat": y} for x, y in shape.rings[0][:-1]]}}


def _altitude(value_m: float | None, reference: str | None) -> dict[str, Any] | None:
    return None if value_m is None else {"value": value_m, "reference": reference, "units": "M"}


def _moment(time_s: float) -> dict[str, str]:
    return {"value": rfc3339(time_s), "format": "RFC3339"}
