"""The cookie that a person's browser gets for the access token, and which cookies have proved right before.

A cookie is a random number and the token's seal on it, so it outlives a restart and the token is never sent back. One
that proved right once is known from then on by its digest. Nobody can guess a known one, as nobody can guess its
number: so it may pass while guesses from its address are held back, and the answer tells a guesser nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from typing import Final

MOST_KNOWN: Final = 4096
_NUMBER_BYTES: Final = 16


class Sessions:
    """The sessions of one token. Bounded: the one longest not used is forgotten, and then seals alone count."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def new(self) -> str:
        """A cookie for somebody who has shown the token."""
        number = secrets.token_hex(_NUMBER_BYTES)
        cookie = f"{number}.{self._seal(number)}"
        self._keep(cookie)
        return cookie

    def knows(self, cookie: str) -> bool:
        """Whether this very cookie was given out, or proved right before, in this run."""
        return _digest(cookie) in self._known

    def accepts(self, cookie: str) -> bool:
        """Whether its seal is right, compared in constant time; if so it is known from now on."""
        number, _, seal = cookie.partition(".")
        right = hmac.compare_digest(seal.encode(), self._seal(number).encode())
        if right:
            self._keep(cookie)
        return right

    def _seal(self, number: str) -> str:
        return hmac.digest(self._token, b"airspace console session " + number.encode(), "sha256").hex()

    def _keep(self, cookie: str) -> None:
        digest = _digest(cookie)
        self._known[digest] = None
        self._known.move_to_end(digest)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
