// Every drone that is live as a button, with its age, for those who have no pointer: made only while the list is open.

import { styleOf, VERDICTS } from "./marks.js";
import { arrange, byId, el, text } from "./page.js";
import { ago, whole } from "./numbers.js";
import { placeOf, placeWords, typeWords } from "./telling.js";
import { say } from "./words.js";

const SHOWN = 100, LIVE_S = 60;

export class Roster {
  #world; #place = byId("roster"); #choose; #lines = new Map(); #rest = el("p");

  /** @param {(id: string) => void} choose a drone */
  constructor(world, choose) {
    this.#world = world; this.#choose = choose;
    this.#place.append(this.#rest);
    this.#place.addEventListener("toggle", () => this.update());
  }

  update() {
    const live = [...this.#world.tracks.values()].filter((track) => this.#isLive(track));
    text(this.#place.querySelector("summary"), `${say("drones")} (${whole(live.length)})`);
    if (!this.#place.open) return;
    const rank = (track) => VERDICTS.indexOf(styleOf(track));
    const tracks = live.sort((a, b) => rank(a) - rank(b) || (a.track_id < b.track_id ? -1 : 1));
    const shown = tracks.slice(0, SHOWN);
    const lines = new Map(shown.map((track) => [track.track_id, this.#lines.get(track.track_id) ?? this.#line(track.track_id)]));
    for (const track of shown) text(lines.get(track.track_id).firstChild, this.#words(track));
    this.#lines = lines;
    arrange(this.#place.querySelector("ul"), [...lines.values()]);
    const rest = tracks.length - shown.length;
    text(this.#rest, tracks.length === 0 ? say(this.#world.old() ? "no_live_data" : "no_drones") : rest > 0 ? say("and_more", { count: whole(rest) }) : "");
  }

  // How old it is decides, not whether the service still tells it; an age that nobody knows is no reason to hide a drone.
  #isLive(track) { const seconds = this.#world.age(track.last_seen); return seconds === null || seconds <= LIVE_S; }

  #line(id) { return el("li", {}, el("button", { type: "button", onclick: () => this.#choose(id) })); }

  #words(track) {
    const height = track.height_agl_m == null ? null : `${whole(track.height_agl_m)}\u00a0m`, place = placeOf(null, track);
    const where = place && placeWords(place, this.#world), kinds = [...new Set([say(styleOf(track)), typeWords(track)])], seen = ago(this.#world.age(track.last_seen));
    const first = this.#world.status?.mode === "statistics" ? [where, ...kinds, height] : [...kinds, height, where];
    return [...first, seen && say("seen", { ago: seen })].filter(Boolean).join(" · ");
  }
}
