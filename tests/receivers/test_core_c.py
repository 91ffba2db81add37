"""opendroneid-core-c as an oracle, where it can be had: what C reads, we read.

Neither a C compiler nor the source is a thing that a test may take for granted, so this runs where
AIRSPACE_ODID_CORE_C names the library, built from the commit whose layout ``odid_struct`` follows (beb5639)::

    cc -O1 -shared -fPIC -o libodid.so libopendroneid/opendroneid.c -lm

Everywhere else the published layout stands in as tables: ``test_odid``, ``test_odid_struct``, ``test_edge_cases``.
C decodes a message into its structure; our reader of structures and our reader of messages must then agree.
"""

from __future__ import annotations

import ctypes
import os

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from receivers.formats.odid_batch import decode_payloads
from receivers.formats.odid_struct import STRUCT_BYTES, decode_structs
from tests.receivers import odid_encoding as encode
from tests.receivers.odid_oracle import payloads, row
from tests.receivers.test_odid_batch import messages

CLOSE = 1e-4  # C keeps most numbers in 32 bits
UNSAID = {"protocol_version"}  # not in the structure
Decoder = ctypes.CDLL


@pytest.fixture(scope="module")
def core_c() -> Decoder:
    path = os.environ.get("AIRSPACE_ODID_CORE_C")
    if path is None:
        pytest.skip("AIRSPACE_ODID_CORE_C names no library of opendroneid-core-c")
    return ctypes.CDLL(path)


def in_c(core_c: Decoder, data: list[bytes]) -> bytes:
    """The structure after the messages, as C leaves it in memory."""
    structure = ctypes.create_string_buffer(STRUCT_BYTES + 64)
    core_c.odid_initUasData(structure)
    for one in data:
        core_c.decodeOpenDroneID(structure, ctypes.create_string_buffer(one, 256))
    return structure.raw[:STRUCT_BYTES]


def assert_agree(core_c: Decoder, payload: bytes) -> None:
    by_message, _, refused = decode_payloads(payloads([payload]))
    by_structure, _, also_refused = decode_structs(payloads([in_c(core_c, [payload])]))
    assert len(refused) == len(also_refused)
    if refused:
        return
    left, right = row(by_message, 0), row(by_structure, 0)
    for name in left.keys() - UNSAID:
        assert left[name] == (
            pytest.approx(right[name], abs=CLOSE) if isinstance(left[name], float) else right[name]
        ), name


@settings(max_examples=2000)
@given(messages)
def test_one_message(core_c: Decoder, message: bytes) -> None:
    assume(any(message) and message[0] >> 4 <= 5)
    assume(message[0] & 15 <= 2)  # the structure does not say the version, so neither what a version leaves in doubt
    is_text = message[0] >> 4 in {3, 5} or (message[0] >> 4 == 0 and message[1] >> 4 in {1, 2})
    assume(not is_text or b"\0" not in message[2:].rstrip(b"\0"))  # C ends a text at the first NUL, we take it out
    past_half = message[0] >> 4 == 1 and message[2] > 180 and not message[1] & 2
    assume(not past_half)  # no standard direction: C takes it as it is, we as unknown
    assert_agree(core_c, message)


@settings(max_examples=300)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True), st.integers(0, 70))
def test_authentication(core_c: Decoder, numbers: list[int], length: int) -> None:
    assume(length <= 17 + 23 * 3)
    pages = [encode.auth(page=number, last=3, length=length) for number in numbers]
    structure = in_c(core_c, pages)
    by_message, _, _ = decode_payloads(payloads([encode.pack(*pages)]))
    by_structure, _, _ = decode_structs(payloads([structure]))
    assert by_message.authentication.tolist() == by_structure.authentication.tolist()
