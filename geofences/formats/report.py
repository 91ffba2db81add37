"""What is said of a zone while its file is read: what was mended (oddities), and why the file is refused."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import Oddity
from geofences.zone_set import ZoneFileError

MAX_TEXT: Final = 200  # of a name, a message, an authority, in both EUROCAE formats
MAX_LONG_TEXT: Final = 1000  # of restrictionConditions, which CH fills with sentences
UNREADABLE: Final = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
"""What msgspec raises for a text that is not JSON, not of the shape asked for, or nested too deep."""


@dataclass(frozen=True, slots=True)
class Report:
    """Notes on one zone."""

    zone_id: str
    oddities: list[Oddity] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The zone, as messages name it."""
        return f"zone {self.zone_id}"

    def note(self, what: str) -> None:
        """Something was mended or left out."""
        self.oddities.append(Oddity(place=self.zone_id, what=what))

    def refusal(self, what: str) -> ZoneFileError:
        """The error to raise; ``what`` begins with the field."""
        return ZoneFileError(f"{self.place}: {what}")

    def text(self, value: Any, name: str, cap: int = MAX_TEXT) -> str | None:
        """A text for people, clean and capped; of another type it is left out, which is noted. A list is joined."""
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            value = " ".join(value)
        text = str(value) if isinstance(value, int) else value
        if text is None or not isinstance(text, str):
            if text is not None:
                self.note(f"{name} is no text: left out")
            return None
        whole = safe_text(text, max(len(text), cap))
        if whole is not None and len(whole) > cap:
            self.note(f"{name} has more than {cap} characters: cut")
        return safe_text(text, cap)

    def finite(self, value: float, name: str) -> float:
        """The number; ``nan`` and ``inf``, which texts can smuggle in, refuse the file."""
        if not math.isfinite(value):
            raise self.refusal(f"{name}: {value} is no number")
        return value
