// What each mark and line on the map means.

import { mark, VERDICTS } from "./marks.js";
import { byId, el, text } from "./page.js";
import { themeName } from "./palette.js";
import { getLanguage, say } from "./words.js";

const MARKS = [...VERDICTS.map((name) => [name, name]), ["pin-live-suspected", "pilot_live"], ["pin-takeoff-suspected", "pilot_takeoff"], ["coverage", "sensor_down"]];
const LINES = [["legal", "legal"], ["alert-only", "alert_only"], ["ghost", "last_seen_ring"], ["direction", "direction_only"]];
let shown = "";

export function drawLegend() {
  const key = `${getLanguage()} ${themeName()}`, box = byId("legend");
  if (key === shown) return;
  shown = key;
  text(box.querySelector("summary"), say("legend"));
  const marks = MARKS.map(([name, word]) => el("li", {}, mark(name, 26), say(word)));
  const lines = LINES.map(([name, word]) => el("li", {}, el("span", { class: `swatch ${name}` }), say(word)));
  box.querySelector("ul").replaceChildren(...marks, ...lines);
}
