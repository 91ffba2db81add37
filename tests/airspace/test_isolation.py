"""What is told of a fault: the system's own words where it has some, else the line of ours; never a value."""

from __future__ import annotations

import errno
import json
import os
import socket
import ssl

import pytest

from airspace.service.isolation import where
from airspace.service.supervisor import _fault_of

SECRET = "9ZZZ8HBY00001"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), SECRET), "No such file or directory"),
        (PermissionError(errno.EACCES, SECRET), "Permission denied"),
        (ConnectionRefusedError(errno.ECONNREFUSED, f"Connect call failed {SECRET}"), "Connection refused"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (OSError(SECRET), "OSError in test_isolation.py:"),
        (OSError(99_999, SECRET), "OSError in test_isolation.py:"),
        (ssl.SSLError(1, SECRET), "SSLError in test_isolation.py:"),
        (ssl.SSLEOFError(8, SECRET), "SSLEOFError in test_isolation.py:"),
        (TimeoutError(), "TimeoutError in test_isolation.py:"),
        (json.JSONDecodeError(SECRET, SECRET, 0), "JSONDecodeError in test_isolation.py:"),
    ],
)
def test_the_words_of_a_fault(error: Exception, says: str) -> None:
    with pytest.raises(type(error)) as caught:
        raise error
    told = where(caught.value)
    assert told.startswith(says)
    assert SECRET not in told
    assert (".py" in told) is (".py" in says)


@pytest.mark.parametrize(
    ("error", "says"), [(OSError(errno.EMFILE, "?"), "Too many open files"), (ValueError(SECRET), "ValueError")]
)
async def test_the_words_of_a_task_that_died(error: Exception, says: str) -> None:
    async def work() -> None:
        raise error

    assert await _fault_of("x", work) == says
