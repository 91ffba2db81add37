"""What a person's outcome makes of an alert's sentence, in Dutch (B1) and English.

An outcome ends nothing that still flies: while the condition is there the sentence keeps what it is about, and says
who dealt with it and how. "Closed" is said only of what is gone.
"""

from __future__ import annotations

from typing import Final

from alerting.facts import Facts
from alerting.wording import Pair, capital

_DONE: Final[dict[str, Pair]] = {
    "warned": ("de piloot is gewaarschuwd", "the pilot was warned"),
    "fined": ("de piloot heeft een boete gekregen", "the pilot was fined"),
    "permit_shown": ("de piloot liet een toestemming zien", "the pilot showed a permit"),
    "not_found": ("de piloot is niet gevonden", "the pilot was not found"),
    "false_alarm": ("het was vals alarm", "it was a false alarm"),
    "own_drone": ("het was een eigen drone", "it was one of our own drones"),
    "handed_over": ("overgedragen aan anderen", "handed over to others"),
    "other": ("", ""),
}
_REPLACED: Final[Pair] = (
    "Gaat verder in een andere waarschuwing over deze drone.",
    "Continues in another alert about this drone.",
)


def closed(outcome: str | None) -> Pair | None:
    """The sentence of what is gone; None where nobody gave an outcome that has words."""
    if outcome == "replaced":
        return _REPLACED
    if outcome not in _DONE:
        return None
    nl, en = _DONE[outcome]
    return (f"Afgesloten: {nl}.", f"Closed: {en}.") if nl else ("Afgesloten.", "Closed.")


def handled(matter: Pair, facts: Facts, outcome: str | None, by: str | None) -> Pair:
    """The matter as it stands, who dealt with it, how, and that it is not over."""
    nl, en = _DONE.get(outcome or "", ("", ""))
    who_nl, who_en = (f" door {by}", f" by {by}") if by else ("", "")
    how_nl, how_en = (f", {nl}", f", {en}") if nl else ("", "")
    still_nl, still_en = ("het is nog zo", "it is still so")
    if facts.track is not None:
        still_nl, still_en = "de drone is er nog", "the drone is still there"
    return (
        f"{capital(matter[0])} Afgehandeld{who_nl}{how_nl}; {still_nl}.",
        f"{capital(matter[1])} Handled{who_en}{how_en}; {still_en}.",
    )
