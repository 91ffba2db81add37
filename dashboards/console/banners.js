// What must be known before anything else is believed: the link, the sensors, room in the picture, the sound.

import { clock, duration, whole } from "./numbers.js";
import { arrange, byId, dress, el, text } from "./page.js";
import { troubleOf } from "./telling.js";
import { say } from "./words.js";

const NAMED = 4;

export class Banners {
  #world; #wall; #lines = new Map(); #notes = new Map();

  constructor(world, wall) { this.#world = world; this.#wall = wall; }

  /** A line of the page's own: ``words`` null takes it away. @param {string} kind @param {?() => string} words */
  note(kind, words) { if (words) this.#notes.set(kind, words); else this.#notes.delete(kind); this.draw(); }

  draw() {
    const lines = [this.#link(), this.#sensors(), this.#room(), ...[...this.#notes].map(([kind, words]) => [kind, words()])].filter(Boolean);
    arrange(byId("banners"), lines.map(([kind, words]) => {
      const line = this.#lines.get(kind) ?? el("p");
      this.#lines.set(kind, line);
      dress(line, kind.startsWith("coverage") ? "coverage" : kind); text(line, words);
      return line;
    }));
  }

  #link() {
    const { live, status, clock: watch } = this.#world;
    if (live) {
      if (status?.state !== "no_live_data") return null;
      return ["lost", status.tick_age_s == null ? say("server_blind") : say("server_old", { time: duration(status.tick_age_s + watch.quiet()) })];
    }
    if (watch.now() === null) return this.#world.late ? ["lost", say("connecting")] : null;
    const quiet = watch.quiet();
    return ["lost", say("link_lost", { time: duration(quiet), clock: clock(watch.now() - quiet * 1000) })];
  }

  #sensors() {
    if (this.#world.old()) return null;  // what is said of the sensors is old as well
    const down = this.#world.sensors.filter((sensor) => !sensor.ok);
    if (down.length === 0) return null;
    const names = down.slice(0, NAMED).map((sensor) => troubleOf(sensor, this.#world)).join(", ");
    return ["coverage", this.#reduced(`${names}${down.length > NAMED ? ` (+${down.length - NAMED})` : ""}.`)];
  }

  #room() {
    const rows = this.#world.status?.no_room;
    return rows > 0 ? ["coverage-room", this.#reduced(`${say("no_room", { count: whole(rows) })}.`)] : null;
  }

  #reduced(words) { return `${say("coverage_reduced")}: ${words}${this.#wall ? "" : ` ${say("reduced")}`}`; }
}
