"""Memory of the process: what a batch freed is there for the next one.

A batch of a thousand rows takes and frees some megabytes. glibc gives pieces above 128 kB back to the system at once
and takes new ones, page by page, for the next batch, which triples the time of tracking at a thousand rows a batch.
Its thresholds rise with the first large piece that is freed (mallopt(3), M_MMAP_THRESHOLD: "dynamic"). Other
allocators have rules of their own; there this does nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np

FREED_BYTES: Final = 16 << 20  # twice as much is then kept at most; above 32 MiB glibc would not learn from it


def keep_freed_memory() -> None:
    """Free one large piece, of which no page was ever touched."""
    np.empty(FREED_BYTES, dtype=np.uint8)
