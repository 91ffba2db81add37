"""Whose a notice is: what one that covers place and time is to a drone that it does not name."""

from __future__ import annotations

from typing import Final

from airspace.model.detection import IdType
from airspace.model.notice import Notice
from airspace.model.track import TrackRow
from airspace.model.verdict import Reason
from geofences.notices.serials import key, may_be

UNREADABLE: Final = "unreadable"
WHOSE: Final = (  # the first counts, and the gap's word for it
    (Reason.NOTICE_IDENTITY_MISSING, "missing"),
    (Reason.NOTICE_UNREADABLE, UNREADABLE),
    (Reason.NOTICE_WRONG_IDENTITY, "different"),
)


def spelled(serial: str) -> str:
    """A serial as it is compared; a pseudonym as it is."""
    return serial if ":" in serial else key(serial)


def of_whom(notice: Notice, heard: str | None) -> Reason:
    """What an approved notice that covers place and time is to a drone that it does not name, ``heard`` its serial."""
    if heard is None:
        return Reason.NOTICE_IDENTITY_MISSING
    if notice.unread_serials or any(may_be(each, heard) for each in notice.uas_serials if ":" not in each):
        return Reason.NOTICE_UNREADABLE
    return Reason.NOTICE_WRONG_IDENTITY if notice.uas_serials else Reason.NOTICE_IDENTITY_MISSING


def names_itself(track: TrackRow) -> bool:
    """Whether the drone gives a serial number; a session or UTM id names nobody."""
    return track.uas_id is not None and track.uas_id_type == IdType.SERIAL
