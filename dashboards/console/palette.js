// The colours, by theme: Okabe-Ito's hues, darker in daylight so that each mark stands out 3:1 or better even on the
// ground of two zones over one another (tests/dashboards/test_contrast.py computes it from this file).

/** @typedef {{ground: string, panel: string, ink: string, text: string, quiet: string, grid: string, mark: Object}} Palette
 * ``ink`` stands on a bar in the colour of a state. */

export const ZONE_FILL = 0.08;  // share of the zone's own colour over the ground

/** @type {Object<string, Palette>} */
export const PALETTES = Object.freeze({
  dark: {
    ground: "#0E1A22", panel: "#14242E", ink: "#0E1A22", text: "#E8EEF2", quiet: "#9FB0BB", grid: "#1D303C",
    mark: {
      violation: "#D55E00", suspected: "#E69F00", situation: "#E69F00", not_decidable: "#8A8F98", allowed: "#009E73",
      service: "#2386C6", spoof: "#CC79A7", bearing: "#56B4E9", unjudged: "#8A8F98", aircraft: "#2386C6",
      coverage: "#8A8F98", sensor: "#9FB0BB",
    },
  },
  light: {
    ground: "#F3F6F7", panel: "#FFFFFF", ink: "#FFFFFF", text: "#12212B", quiet: "#4A5D69", grid: "#DCE4E8",
    mark: {
      violation: "#BF5400", suspected: "#9A6700", situation: "#9A6700", not_decidable: "#646971", allowed: "#007A59",
      service: "#0067A0", spoof: "#A64A7E", bearing: "#1B78B3", unjudged: "#646971", aircraft: "#0067A0",
      coverage: "#646971", sensor: "#4A5D69",
    },
  },
});

export const ZONE = Object.freeze({ legal: "#D55E00", alert_only: "#E69F00" });  // of a zone's fill, in either theme

let chosen = "dark";

/** @param {string} theme */
export function setPalette(theme) { chosen = theme === "light" ? "light" : "dark"; }
export function themeName() { return chosen; }
/** @returns {Palette} */
export function palette() { return PALETTES[chosen]; }
