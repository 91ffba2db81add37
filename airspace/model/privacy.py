"""What may leave the core in which mode (AVG 25: the quiet mode is the default).

``statistics``: no serial, operator id or pilot position is stored, shown or sent; identities are keyed pseudonyms.
``enforcement``: they are, with a purpose and an end date in the configuration.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from airspace.model.alert import Alert
    from airspace.model.track import TrackRow

PSEUDONYM_BYTES: Final = 16
_PERSONAL_EVIDENCE: Final = frozenset({"uas_id", "operator_id", "pilot"})


class Mode(StrEnum):
    """The privacy mode of the whole service."""

    STATISTICS = "statistics"
    ENFORCEMENT = "enforcement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """A mode with the key of its pseudonyms. The epoch stands in the pseudonym: a destroyed key ends all linking."""

    mode: Mode
    key: bytes
    epoch: str = "e1"

    def pseudonym(self, domain: str, identity: str | None) -> str | None:
        """HMAC-SHA-256 over a domain (``uas``, ``operator``) and the identity, 128 bit, as ``epoch:hex``."""
        if identity is None:
            return None
        digest = hmac.digest(self.key, f"{domain}\0{identity}".encode(), "sha256")
        return f"{self.epoch}:{digest[:PSEUDONYM_BYTES].hex()}"

    def uas_id(self, uas_id: str | None) -> str | None:
        """The id as this mode may show it."""
        return uas_id if self.mode is Mode.ENFORCEMENT else self.pseudonym("uas", uas_id)

    def alert(self, alert: Alert) -> Alert:
        """The alert as this mode may store, show and send it."""
        if self.mode is Mode.ENFORCEMENT:
            return alert
        evidence = {name: value for name, value in alert.evidence.items() if name not in _PERSONAL_EVIDENCE}
        return replace(alert, uas_id=self.pseudonym("uas", alert.uas_id), pilot=None, evidence=evidence)

    def track(self, track: TrackRow) -> TrackRow:
        """The track as this mode may show it."""
        if self.mode is Mode.ENFORCEMENT:
            return track
        return track._replace(
            uas_id=self.pseudonym("uas", track.uas_id),
            operator_id=self.pseudonym("operator", track.operator_id),
            self_id=None,
            operator_latitude_deg=float("nan"),
            operator_longitude_deg=float("nan"),
            operator_location_type=0,
        )
