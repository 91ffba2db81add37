"""Made-up flights, the radio they send and what sensors hear of it, with the truth beside it: pure, given a seed."""

from airspace.simulation.scenes import Scene, Truth, scene
from airspace.simulation.settings import PRESETS, Kind, Settings, Spoof, settings_for
from airspace.simulation.wire import own_lines, registry, truth_lines, wire

__all__ = [
    "PRESETS",
    "Kind",
    "Scene",
    "Settings",
    "Spoof",
    "Truth",
    "own_lines",
    "registry",
    "scene",
    "settings_for",
    "truth_lines",
    "wire",
]
