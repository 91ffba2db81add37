// Who may fly soon: controllers, and drones that stand ready, that have not flown yet. The pilot's place is the news.

import { ago } from "./numbers.js";
import { arrange, byId, el, show, text } from "./page.js";
import { known } from "./places.js";
import { pilotWords, placeWords } from "./telling.js";
import { say } from "./words.js";

const SHOWN = 8;

const PHASES = ["controller_on", "flight_unknown"];

export class Waiting {
  #world; #place = byId("waiting"); #lines = new Map();

  constructor(world) { this.#world = world; }

  update() {
    const waiting = [...this.#world.tracks.values()].filter((track) => PHASES.includes(track.phase) && known(track.pilot)).slice(0, SHOWN);
    show(this.#place, waiting.length > 0);
    text(this.#place.querySelector("h2"), say("before_take_off"));
    const lines = new Map(waiting.map((track) => [track.track_id, this.#lines.get(track.track_id) ?? el("li", {}, el("span"), el("span", { class: "how" }))]));
    this.#lines = lines;
    arrange(this.#place.querySelector("ul"), [...lines.values()]);
    this.tick();
  }

  tick() {
    for (const [id, line] of this.#lines) {
      const track = this.#world.tracks.get(id);
      if (!track) continue;
      const { kind } = pilotWords(track.pilot, null, this.#world, track);
      text(line.firstChild, say(track.phase));
      text(line.lastChild, [placeWords(track.pilot, this.#world), kind, ago(this.#world.age(track.last_seen))].filter(Boolean).join(" · "));
    }
  }
}
