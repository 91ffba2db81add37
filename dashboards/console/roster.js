// Every drone as a button, for those who have no pointer: made only while the list is open.

import { styleOf, VERDICTS } from "./marks.js";
import { arrange, byId, el, text } from "./page.js";
import { whole } from "./numbers.js";
import { placeOf, placeWords } from "./telling.js";
import { say, typeName } from "./words.js";

const SHOWN = 100;

export class Roster {
  #world; #place = byId("roster"); #choose; #lines = new Map(); #rest = el("p");

  /** @param {(id: string) => void} choose a drone */
  constructor(world, choose) {
    this.#world = world; this.#choose = choose;
    this.#place.append(this.#rest);
    this.#place.addEventListener("toggle", () => this.update());
  }

  update() {
    text(this.#place.querySelector("summary"), `${say("drones")} (${whole(this.#world.tracks.size)})`);
    if (!this.#place.open) return;
    const rank = (track) => VERDICTS.indexOf(styleOf(track));
    const tracks = [...this.#world.tracks.values()].sort((a, b) => rank(a) - rank(b) || (a.track_id < b.track_id ? -1 : 1));
    const shown = tracks.slice(0, SHOWN);
    const lines = new Map(shown.map((track) => [track.track_id, this.#lines.get(track.track_id) ?? this.#line(track.track_id)]));
    for (const track of shown) text(lines.get(track.track_id).firstChild, this.#words(track));
    this.#lines = lines;
    arrange(this.#place.querySelector("ul"), [...lines.values()]);
    const rest = tracks.length - shown.length;
    text(this.#rest, tracks.length === 0 ? say("no_drones") : rest > 0 ? say("and_more", { count: whole(rest) }) : "");
  }

  #line(id) { return el("li", {}, el("button", { type: "button", onclick: () => this.#choose(id) })); }

  #words(track) {
    const height = track.height_agl_m == null ? null : `${whole(track.height_agl_m)}\u00a0m`, place = placeOf(null, track);
    return [say(styleOf(track)), typeName(track.ua_type), height, place && placeWords(place, this.#world)].filter(Boolean).join(" · ");
  }
}
