"""Text from outside is cleaned once: a table of hostile ones."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.text import DEFAULT_CAP, safe_text

HOSTILE = {
    "nul": ("AB\x00CD", "ABCD"),
    "terminal colour": ("\x1b[31mred\x1b[0m", "[31mred[0m"),
    "C1 control": ("a\x9bb", "ab"),
    "backspaces": ("ok\x08\x08no", "okno"),
    "line ends": ("one\r\ntwo\nthree\tfour", "one two three four"),
    "line and paragraph separators": ("a\u2028b\u2029c", "abc"),
    "right to left override": ("invoice\u202egpj.exe", "invoicegpj.exe"),
    "bidi isolates and marks": ("\u2066a\u2069\u200fb\u061c", "ab"),
    "zero width": ("ad\u200bmi\u200dn\ufeff", "admin"),
    "soft hyphen": ("pi\u00adlot", "pilot"),
    "tags": ("x\U000e0041\U000e0042", "x"),
    "private use": ("\ue000logo\U000f0000", "logo"),
    "lone surrogate": ("a\ud800b", "ab"),
    "not a character": ("a\uffffb\U0010ffffc", "abc"),
    "composed": ("e\u0301te\u0301", "\u00e9t\u00e9"),
    "compatibility forms stay": ("\uff21", "\uff21"),
    "nothing left": ("\u200b\x00\u202e", None),
    "blanks": (" \u00a0\u2003 a  \u3000 b ", "a b"),
    "empty": ("", None),
    "markup stays, sinks encode": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "formula stays, sinks encode": ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts(name: str) -> None:
    hostile, kept = HOSTILE[name]
    assert safe_text(hostile) == kept


def test_the_cap_counts_what_is_kept() -> None:
    assert safe_text("x" * 1000) == "x" * DEFAULT_CAP
    assert safe_text("e\u0301" * 1000, 10) == "\u00e9" * 10
    assert safe_text("a" + "\u0301" * 100_000, 10) is not None  # a pile of marks is cut, and takes no time


@given(st.text(max_size=200), st.integers(1, 100))
def test_what_is_kept_is_clean_short_and_stays_as_it_is(text: str, cap: int) -> None:
    kept = safe_text(text, cap)
    if kept is not None:
        assert 0 < len(kept) <= cap
        assert unicodedata.is_normalized("NFC", kept)
        assert not any(unicodedata.category(letter)[0] == "C" for letter in kept)
        assert kept == kept.strip()
        assert safe_text(kept, cap) == kept
