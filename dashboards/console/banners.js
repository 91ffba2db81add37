// What must be known before anything else is believed: the link, the sensors, room in the picture, the sound.

import { clock, duration, whole } from "./numbers.js";
import { arrange, byId, dress, el, text } from "./page.js";
import { troubleOf } from "./telling.js";
import { DEAF } from "./world.js";
import { getLanguage, hasWord, say } from "./words.js";

const NAMED = 4;
const UNSEEN = "flight_unknown";

export class Banners {
  #world; #wall; #lines = new Map(); #notes = new Map();

  constructor(world, wall) { this.#world = world; this.#wall = wall; }

  /** A line of the page's own: ``words`` null takes it away. @param {string} kind @param {?() => string} words */
  note(kind, words) { if (words) this.#notes.set(kind, words); else this.#notes.delete(kind); this.draw(); }

  draw() {
    const lines = [this.#link(), this.#sensors(), this.#room(), this.#answers(), this.#question(), this.#troubles(), ...[...this.#notes].map(([kind, words]) => [kind, words()])].filter(Boolean);
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
      const age = status.tick_age_s == null ? say("server_blind") : say("server_old", { time: duration(status.tick_age_s + watch.quiet()) });
      return ["lost", [age, ...this.#named(1)].join(" ")];
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

  /** Why nobody can say what is allowed: no zones, or none that speak of this place and day. */
  #answers() {
    const why = this.#unsaid((reason) => reason !== UNSEEN);
    return why.length > 0 ? ["coverage-answers", this.#reduced(`${say("cannot_judge", { why: why.join("; ") })}.`)] : null;
  }

  /** That a drone is in a zone, and nobody can say whether it flies. */
  #question() {
    const why = this.#unsaid((reason) => reason === UNSEEN);
    return why.length > 0 ? ["coverage-question", `${say("in_question", { why: why.join("; ") })}.`] : null;
  }

  #unsaid(wanted) {
    const said = (this.#world.status?.cannot_say ?? []).filter((each) => wanted(each.reason));
    return said.map((each) => (getLanguage() === "nl" ? each.text_nl : each.text_en));
  }

  /** What else is not well with the service: at the wall, where nobody can do anything about it, only what deafens it. */
  #troubles() {
    const { live, status } = this.#world;
    if (!live || !status || status.state === "no_live_data") return null;
    const names = this.#named(NAMED, this.#wall ? (word) => DEAF.includes(word) : undefined).join(" ");
    if (names === "") return null;
    return this.#wall ? ["coverage-links", this.#reduced(names)] : ["trouble", names];
  }

  /** @param {number} most The worst parts that are not well, each a sentence. */
  #named(most, wanted = (_word) => true) {
    const told = (this.#world.status?.troubles ?? []).map((each) => each.word).filter(wanted);
    const words = [...new Set(told.map((word) => `trouble_${word}`))].filter(hasWord);
    return words.slice(0, most).map((word) => `${say(word)}.`);
  }

  #reduced(words) { return `${say("coverage_reduced")}: ${words}${this.#wall ? "" : ` ${say("reduced")}`}`; }
}
