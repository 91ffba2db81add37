"""Every sign is told with its weight and its honest causes, and what all come to in words."""

from __future__ import annotations

import functools
import operator

import pytest

from airspace.model.sign_words import Strength, honest_in_dutch, judgement_words, strength
from airspace.model.track import Remark
from airspace.service.signs import signs_line
from airspace.tracking.plausibility import SIGNS
from dashboards.api import shapes


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.remark.name)
def test_a_sign_alone(sign: object) -> None:
    assert isinstance(sign, type(SIGNS[0]))
    line = signs_line(int(sign.remark), suspect=sign.alone)
    shapes.Signs.model_validate(line)
    (shown,) = line["shown"]
    assert (shown["name"], shown["score"]) == (str(sign.remark.name).lower(), sign.score)
    assert line["score"] == sign.score
    assert all(shown[f"{part}_{language}"] for part in ("text", "honest") for language in ("nl", "en"))
    assert line["sentence_en"].endswith("signal not reliable." if sign.alone else "one sign is no suspicion.")


def test_no_two_signs_have_the_same_honest_causes() -> None:
    assert len({honest_in_dutch(sign) for sign in Remark}) == len(Remark)


def test_all_signs_stand_in_order_of_their_weight() -> None:
    line = signs_line(int(functools.reduce(operator.or_, Remark)), suspect=True)
    weights = [one["score"] for one in line["shown"]]
    assert len(weights) == len(Remark)
    assert weights == sorted(weights, reverse=True)
    assert weights[0] <= line["score"] <= 1.0


def test_without_a_sign_nothing_is_doubted() -> None:
    line = signs_line(0, suspect=False)
    shapes.Signs.model_validate(line)
    assert (line["score"], line["strength"], line["shown"]) == (0.0, None, [])
    assert line["sentence_nl"] == "Geen aanwijzing dat het signaal niet klopt."


NO_SUSPICION = ("één aanwijzing is geen vermoeden.", "one sign is no suspicion.")
ONE_KIND = ("van één soort, dat is geen vermoeden.", "of one kind, that is no suspicion.")
DOUBTED = ("signaal niet betrouwbaar.", "signal not reliable.")


@pytest.mark.parametrize(
    ("signs", "score", "how", "meaning"),
    [
        (1, 0.4, ("1 aanwijzing, zwak", "1 sign, weak"), NO_SUSPICION),
        (1, 0.8, ("1 aanwijzing, sterk", "1 sign, strong"), NO_SUSPICION),
        (1, 0.9, ("1 aanwijzing, sterk", "1 sign, strong"), DOUBTED),
        (2, 0.6, ("2 aanwijzingen, zwak", "2 signs, weak"), ONE_KIND),
        (3, 0.9, ("3 aanwijzingen, sterk", "3 signs, strong"), DOUBTED),
    ],
)
def test_what_signs_come_to_in_words(signs: int, score: float, how: tuple[str, str], meaning: tuple[str, str]) -> None:
    said = judgement_words(signs, score, suspect=meaning is DOUBTED)
    assert said == tuple(f"{number}: {what}" for number, what in zip(how, meaning, strict=True))


@pytest.mark.parametrize(
    ("score", "word"),
    [(0.0, Strength.WEAK), (0.69, Strength.WEAK), (1 - 0.5 * 0.6, Strength.STRONG), (0.7, Strength.STRONG)],
)
def test_two_signs_of_middle_score_are_strong(score: float, word: Strength) -> None:
    assert strength(score) is word
