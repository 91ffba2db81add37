"""Names of airspace groups out of names that people gave."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MAX: Final = 48
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Letters a-z, digits and single hyphens, accents dropped; "" where none of them is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _OTHER.sub("-", plain).strip("-")[:_MAX].rstrip("-")
