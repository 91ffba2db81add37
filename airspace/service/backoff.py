"""How long to wait before something is tried again: longer each time, and from the start again after it went well."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Pauses in seconds: ``first_s``, twice that, and so on up to ``most_s``."""

    first_s: float
    most_s: float
    _next_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.well()

    def pause_s(self) -> float:
        """The pause before the next try."""
        now_s, self._next_s = self._next_s, min(2 * self._next_s, self.most_s)
        return now_s

    def well(self) -> None:
        """It worked: the next failure begins with the shortest pause."""
        self._next_s = self.first_s
