"""Memory that is kept: pages are touched for the first time once, not with every batch."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

BATCHES = """
import resource
import numpy as np
from airspace.service.memory import keep_freed_memory
if {kept}:
    keep_freed_memory()
def batch():
    columns = [np.ones(1 << 14) for _ in range(32)]
batch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    batch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*, kept: bool) -> int:
    """First touches of pages in a hundred batches of four megabytes, in a fresh process."""
    done = subprocess.run([sys.executable, "-c", BATCHES.format(kept=kept)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have rules of their own")
def test_batches_use_the_memory_that_the_batch_before_freed() -> None:
    assert faults(kept=True) < 2_000
