"""How the application tells the server that it awaits a long body.

The server alone can cut a connection, and the application alone can tell whose token a head carries. So the server puts
a function into each request's state, and the application calls it once it has checked the head and before it reads.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, Final

AWAIT: Final = "airspace_await_body"


def await_body(state: MutableMapping[str, Any], within_s: float) -> None:
    """Who sends this body has a right to: so long it may take. A server that knows no deadlines is not told."""
    tell: Callable[[float], None] | None = state.get(AWAIT)
    if tell is not None:
        tell(within_s)
