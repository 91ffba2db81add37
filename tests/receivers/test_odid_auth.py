"""Authentication pages: put together at once, one by one, and never mixed when that can be told."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivers.formats import odid
from receivers.formats.odid_auth import FIRST_PAGE_BYTES, PAGE_BYTES, Pages, joined, page_of, page_text

T0 = 1_772_366_400.0


def pages_of(
    data: bytes, *, auth_type: int = 1, last: int | None = None, time_s: int | None = 1546300810
) -> list[odid.Auth]:
    rest = [data[at : at + PAGE_BYTES] for at in range(FIRST_PAGE_BYTES, len(data), PAGE_BYTES)]
    first = odid.Auth(
        version=2,
        auth_type=auth_type,
        page=0,
        last_page=len(rest) if last is None else last,
        length=len(data),
        time_s=time_s,
        data=data[:FIRST_PAGE_BYTES].ljust(FIRST_PAGE_BYTES, b"\0"),
    )
    return [first] + [
        odid.Auth(
            version=2,
            auth_type=auth_type,
            page=number,
            last_page=None,
            length=None,
            time_s=None,
            data=part.ljust(PAGE_BYTES, b"\0"),
        )
        for number, part in enumerate(rest, 1)
    ]


def text(data: bytes, auth_type: int = 1) -> str:
    return f"type={auth_type} time=1546300810 length={len(data)} data={data.hex()}"


@given(st.binary(max_size=255), st.randoms(use_true_random=False))
def test_any_data_comes_back_in_any_order_and_repeated(data: bytes, order: object) -> None:
    pages = pages_of(data)
    shuffled = [*pages, *pages]
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert joined(shuffled) == (text(data), True)


def test_without_a_time() -> None:
    assert joined(pages_of(b"ab", time_s=None)) == ("type=1 time=- length=2 data=6162", True)


def test_error_correction_behind_the_data_is_not_needed() -> None:
    assert joined(pages_of(bytes(20), last=3)) == (text(bytes(20)), True)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_missing_page_leaves_it_unknown(lost: int) -> None:
    pages = pages_of(bytes(range(63)))
    del pages[lost]
    assert joined(pages) == (None, True)


def test_contradictions() -> None:
    pages, others = pages_of(bytes(63)), pages_of(b"\1" * 63)
    assert joined([*pages, others[2]]) == (None, False)
    assert joined([pages[0], *pages_of(bytes(63), auth_type=2)[1:]]) == (None, False)
    assert joined(pages_of(bytes(63), last=1)) == (None, False)
    assert joined(pages_of(bytes(10), last=17)) == (None, False)
    assert joined([]) == (None, True)


@given(st.binary(max_size=255), st.integers(0, 15), st.none() | st.integers(1, 2**32), st.data())
def test_a_page_alone_is_its_own_text_and_comes_back(
    data: bytes, auth_type: int, time_s: int | None, draws: st.DataObject
) -> None:
    page = draws.draw(st.sampled_from(pages_of(data, auth_type=auth_type, time_s=time_s)))
    text, sound = joined([page])
    assert sound
    if page.page or len(data) > FIRST_PAGE_BYTES:
        assert text == page_text(page)
    found = page_of(page_text(page))
    assert found is not None
    assert replace(found, version=2) == page


@pytest.mark.parametrize(
    "text",
    [
        "",
        "type=1 time=- length=2 data=6162",
        "page=1 type=1 data=" + "00" * 17,
        "page=0 type=1 data=" + "00" * 23,
        "page=0 type=1 last=1 length=1 time=- data=" + "00" * 23,
        "page=1 type=1 last=1 length=1 time=- data=" + "00" * 17,
        "page=16 type=1 data=" + "00" * 23,
        "page=1 type=1 data=" + "00" * 23 + "\n",
        "page=\u0661 type=1 data=" + "00" * 23,
    ],
)
def test_other_texts_are_no_page(text: str) -> None:
    assert page_of(text) is None


def test_one_page_a_message() -> None:
    memory, data = Pages(), bytes(range(63))
    first, second, third = pages_of(data)
    assert memory.add("A", first, T0, 250.0) is None
    assert memory.add("B", first, T0) is None
    assert memory.add("A", second, T0 + 1, 255.0) is None
    assert memory.add("A", third, T0 + 2, 3.0) == text(data)
    assert memory.add("A", first, T0 + 3, 3.0) == text(data)
    assert len(memory) == 2


def test_what_is_too_old_is_not_joined() -> None:
    memory = Pages(within_s=10.0)
    first, second = pages_of(bytes(40))
    memory.add("A", first, T0)
    assert memory.add("A", second, T0 + 10.5) is None
    assert memory.add("A", first, T0 + 12) == text(bytes(40))


@pytest.mark.parametrize(("received_s", "counter"), [(T0 + 1, 4.0), (T0 - 1, 6.0)])
def test_counter_and_time_do_not_run_backwards(received_s: float, counter: float) -> None:
    memory = Pages()
    first, second = pages_of(bytes(40))
    memory.add("A", first, T0, 5.0)
    assert memory.add("A", second, received_s, counter) is None


def test_a_new_set_is_not_mixed_with_the_old() -> None:
    memory = Pages()
    old, new = pages_of(bytes(63)), pages_of(b"\1" * 63)
    for page in old:
        memory.add("A", page, T0)
    assert [memory.add("A", page, T0 + 1) for page in new] == [None, None, text(b"\1" * 63)]
    assert memory.add("A", pages_of(bytes(63), auth_type=2)[1], T0 + 2) is None


def test_memory_is_bounded_and_forgets_the_most_silent() -> None:
    memory = Pages(transmitters=3)
    first, second = pages_of(bytes(40))
    for name in "ABC":
        memory.add(name, first, T0)
    memory.add("A", first, T0 + 1)
    memory.add("D", first, T0 + 2, math.nan)
    assert len(memory) == 3
    assert memory.add("B", second, T0 + 3) is None
    assert memory.add("A", second, T0 + 4) == text(bytes(40))
