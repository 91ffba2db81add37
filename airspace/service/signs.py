"""The spoof signs of a track as people are told them: each with its weight and its honest causes, and all together.

Which signs there are and what they weigh is the core's (``airspace.tracking.plausibility``), the words are the model's.
Signs say nothing of whose drone it is, so they are the same in every privacy mode.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from airspace.model.lines import remark_names
from airspace.model.sign_words import SCALE, honest_in_dutch, judgement_words, sign_words, strength
from airspace.tracking.plausibility import SIGNS, Sign, score

_STRONGEST_FIRST: Final = sorted(SIGNS, key=lambda sign: -sign.score)


def signs_line(remarks: int, *, suspect: bool) -> dict[str, Any]:
    """JSON-ready: the signs in a set, the strongest first, and what they come to."""
    shown = [sign for sign in _STRONGEST_FIRST if remarks & sign.remark]
    together = float(score(np.array([remarks]))[0])
    sentence_nl, sentence_en = judgement_words(len(shown), together, suspect=suspect)
    scale_nl, scale_en = SCALE
    return {
        "score": round(together, 2),
        "strength": strength(together) if shown else None,
        "suspect": suspect,
        "sentence_nl": sentence_nl,
        "sentence_en": sentence_en,
        "scale_nl": scale_nl,
        "scale_en": scale_en,
        "shown": [_line(sign) for sign in shown],
    }


def _line(sign: Sign) -> dict[str, Any]:
    ((text_nl, text_en),) = sign_words(sign.remark)
    (name,) = remark_names(sign.remark)
    return {
        "name": name,
        "family": sign.family,
        "score": sign.score,
        "threshold": sign.threshold,
        "alone": sign.alone,
        "text_nl": text_nl,
        "text_en": text_en,
        "honest_nl": honest_in_dutch(sign.remark),
        "honest_en": sign.honest,
    }
