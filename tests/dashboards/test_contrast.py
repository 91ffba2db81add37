"""Every mark stands out 3:1 or better on whatever ground it may stand on, in both themes (WCAG 2.2, 1.4.11)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

PALETTE: Final = Path(__file__).resolve().parents[2] / "dashboards" / "console" / "palette.js"
LEAST: Final = 3.0
ZONES_OVER_ONE_ANOTHER: Final = 2


def palettes() -> dict[str, dict[str, Any]]:
    """The object in the file, which is JSON but for its keys, commas and comments."""
    text = PALETTE.read_text(encoding="utf-8")
    body = text[text.index("PALETTES = Object.freeze(") :].split("Object.freeze(", 1)[1].split(");", 1)[0]
    body = re.sub(r"(\w+):", r'"\1":', re.sub(r"//.*", "", body))
    read: dict[str, dict[str, Any]] = json.loads(re.sub(r",(\s*})", r"\1", body))
    return read


def constant(name: str) -> str:
    found = re.search(rf'{name}[:=]? =?\s*"?(#?[\w.]+)"?', PALETTE.read_text(encoding="utf-8"))
    assert found
    return found.group(1)


def rgb(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(parts: list[float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def grounds(theme: dict[str, Any]) -> dict[str, list[float]]:
    fill, share = rgb(constant("legal:")), float(constant("ZONE_FILL"))
    ground = rgb(theme["ground"])
    found = {"ground": ground, "panel": rgb(theme["panel"])}
    for zones in range(1, ZONES_OVER_ONE_ANOTHER + 1):
        ground = [(1 - share) * part + share * over for part, over in zip(ground, fill, strict=True)]
        found[f"{zones} zones"] = ground
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("mark", sorted(palettes()["dark"]["mark"]))
def test_a_mark_stands_out_on_every_ground(theme: str, mark: str) -> None:
    palette = palettes()[theme]
    ratios = {name: round(contrast(rgb(palette["mark"][mark]), ground), 2) for name, ground in grounds(palette).items()}
    assert min(ratios.values()) >= LEAST, ratios


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("state", ["violation", "suspected"])
def test_what_stands_on_a_coloured_bar_is_read(theme: str, state: str) -> None:
    palette = palettes()[theme]
    assert contrast(rgb(palette["ink"]), rgb(palette["mark"][state])) >= 4.5


def test_both_themes_have_the_same_marks() -> None:
    dark, light = palettes()["dark"], palettes()["light"]
    assert dark["mark"].keys() == light["mark"].keys()
    assert dark.keys() == light.keys()


STYLE: Final = PALETTE.with_name("console.css")
READ: Final = 4.5
GROUNDS: Final = ("ground", "panel", "raised")


def variables(theme: str) -> dict[str, str]:
    dark, light = re.findall(r":root[^{]*\{(.*?)\}", STYLE.read_text(encoding="utf-8"), re.DOTALL)[:2]
    return dict(re.findall(r"--([\w-]+): (#\w{6})", dark if theme == "dark" else dark + light))


def greyed(colour: str) -> list[float]:
    return [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in [rgb(colour)]] * 3


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("text", ["text", "quiet", "warn-text"])
def test_what_is_greyed_because_it_is_old_is_still_read(theme: str, text: str) -> None:
    lines = [line for line in STYLE.read_text(encoding="utf-8").splitlines() if "grayscale(1)" in line]
    shares = [float(share) for line in lines for share in re.findall(r"opacity: ([\d.]+)", line)]
    assert len(shares) == 2
    colours = variables(theme)
    for ground in GROUNDS:
        under = rgb(colours[ground])
        seen = [
            min(shares) * over + (1 - min(shares)) * back
            for over, back in zip(greyed(colours[text]), under, strict=True)
        ]
        assert contrast(seen, under) >= READ, (ground, seen)
