// The bar: the state in a word and a mark, and the figures of now. The number of what is open is the number of cards.

import { clock, oldness, whole } from "./numbers.js";
import { repaint } from "./marks.js";
import { byId, dress, el, text } from "./page.js";
import { hasWord, say } from "./words.js";

const KNOWN = new Set(["clear", "watch", "drone_near", "over_crowd", "coverage_reduced", "no_live_data"]);

/** The state's word; never the code of one that this page does not know. */
export function stateWord(state) { return say(KNOWN.has(state) ? state : "other_state"); }

/** Why the state speaks of a drone while nothing is to be done; else nothing. */
export function stateReason(world) {
  const state = world.state();
  if (!["watch", "drone_near", "over_crowd"].includes(state) || !world.complete() || world.open() > 0) return "";
  if (world.status?.drones === 0) return "";  // nobody can say whether one flies: a banner says so
  return say(world.groups().length > 0 ? "why_state_handled" : "why_state", { state: stateWord(state) });
}

export class Bar {
  #world; #wall; #phone; #roomy = matchMedia("(min-width: 1600px)"); #cells = new Map();

  constructor(world, { wall, phone }) {
    this.#world = world; this.#wall = wall; this.#phone = phone;
    for (const key of ["open_alerts", "authorised", "sensors", "data_age", "clock", "today"]) {
      const cell = el("div", { class: key }, el("dt"), el("dd"));
      this.#cells.set(key, cell); byId("figures").append(cell);
    }
  }

  draw() { this.#state(); this.#figures(); }

  #state() {
    const state = this.#world.state(), known = KNOWN.has(state) ? state : "no_live_data";
    dress(byId("state"), known); text(byId("state-word"), stateWord(state));
    const bright = this.#wall && ["watch", "drone_near"].includes(known);
    repaint(byId("state-mark"), known === "no_live_data" ? "coverage" : bright ? `wall_${known}` : known);
    document.title = `${stateWord(state)}${this.#world.status ? ` (${this.#world.open()})` : ""}`;
  }

  #figures() {
    const { status } = this.#world;
    for (const [key, cell] of this.#cells) {
      text(cell.firstChild, say(this.#phone.matches && hasWord(`short_${key}`) ? `short_${key}` : key));
      text(cell.lastChild, status ? this.#value(key, status) : "-");
    }
    const bad = (key, is) => this.#cells.get(key).lastChild.classList.toggle("bad", is);
    bad("sensors", Boolean(status) && status.sensors_ok < status.sensors);
    bad("data_age", this.#world.old());
    bad("authorised", Boolean(status) && status.authorised_now > status.authorised_limit);
  }

  #value(key, status) {
    const of = (n, all) => say("n_of", { n: whole(n), all: whole(all) });
    if (key === "open_alerts") return this.#open();
    if (key === "authorised") return of(status.authorised_now, status.authorised_limit);
    if (key === "sensors") return of(status.sensors_ok, status.sensors);
    if (key === "data_age") return oldness(this.#world.dataAge());
    return key === "clock" ? clock(this.#world.clock.now()) : this.#today(status.day ?? {});
  }

  #open() {
    const open = this.#world.open(), handled = this.#world.groups().length - open;
    return handled === 0 || this.#phone.matches ? whole(open) : `${whole(open)} ${say("and_handled", { count: whole(handled) })}`;
  }

  #today(day) {
    const suspected = day.suspected > 0 || this.#roomy.matches ? [[day.suspected, "suspected_n"]] : [];
    const parts = [[day.flights, "flights"], [day.unauthorised, "unauthorised"], ...suspected];
    return parts.filter(([count]) => count != null).map(([count, word]) => `${whole(count)}\u00a0${say(word)}`).join(" · ") || "-";
  }
}
