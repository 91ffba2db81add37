"""What a service manager is told: that the service is up, that it lives, what it does. Without one nothing happens.

The protocol of sd_notify(3): datagrams to the socket that ``NOTIFY_SOCKET`` names.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Final

MICROSECONDS: Final = 1_000_000


class Manager:
    """The service manager that started us, if any."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        given = dict(os.environ) if environment is None else environment
        address = given.get("NOTIFY_SOCKET")
        self._address = None if not address else "\0" + address[1:] if address[0] == "@" else address
        span = given.get("WATCHDOG_USEC", "")
        self.watchdog_s = int(span) / MICROSECONDS if span.isdecimal() and int(span) > 0 else None

    def tell(self, *lines: str) -> None:
        """``READY=1``, ``WATCHDOG=1``, ``STOPPING=1``, ``STATUS=...``; a manager that is gone is no fault of ours."""
        if self._address is None:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.setblocking(False)
            link.sendto("\n".join(lines).encode(), self._address)
