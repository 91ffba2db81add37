"""Words that people on duty did not understand, in what the server says: none of them comes back."""

from __future__ import annotations

import re

import pytest

from airspace.model.detection import Status
from airspace.model.verdict import Reason
from alerting.wording import duration, large
from geofences.explanation import sentence
from geofences.explanation.conditions import of_signal
from geofences.rules import fence, unmapped
from tests.alerting.making import row

FORBIDDEN = (r"\bleave\b", r"\bhek\b", r"\bfence\b", r"aan de grond", r"\bnone\b", r"^\s*$", r"_")


@pytest.mark.parametrize("reason", sentence._WHY)
def test_no_reason_is_said_in_a_word_that_needs_explaining(reason: Reason) -> None:
    for words in sentence._WHY[reason]:
        assert not [word for word in FORBIDDEN if re.search(word, words)]


def test_a_drone_that_is_down_is_on_the_ground() -> None:
    said = {condition["name"]: condition for condition in of_signal(row(airborne=False, status=Status.GROUND), 0.0)}
    assert said["airborne"]["text_nl"] == "op de grond"


@pytest.mark.parametrize("module", [fence, unmapped])
def test_what_rests_on_no_known_law_names_none(module: object) -> None:
    assert getattr(module, "ARTICLE") == ""  # noqa: B009 -- of a module that the table names


@pytest.mark.parametrize(
    ("seconds", "nl", "en"),
    [
        (1.0, "1 seconde", "1 second"),
        (0.6, "1 seconde", "1 second"),
        (2.0, "2 seconden", "2 seconds"),
        (119.0, "119 seconden", "119 seconds"),
        (121.0, "2 minuten", "2 minutes"),
        (7200.0, "2 uur", "2 hours"),
    ],
)
def test_one_is_not_many(seconds: float, nl: str, en: str) -> None:
    assert duration(seconds) == (nl, en)


@pytest.mark.parametrize(
    ("number", "nl", "en"), [(21, "21", "21"), (1015, "1.015", "1,015"), (1_124_121, "1.124.121", "1,124,121")]
)
def test_a_large_number_has_its_thousands_apart(number: int, nl: str, en: str) -> None:
    assert large(number) == (nl, en)
