// What is over, newest first. A record opens: the pilot's last place, outcome, note, who; and it can still be given an
// outcome and a note.

import { Acts } from "./acts.js";
import { ago, whole } from "./numbers.js";
import { arrange, byId, el, Facts, show, text } from "./page.js";
import { known } from "./places.js";
import { droneWords, noticeWords, outcomeWords, overWords, pilotWords, placeOf, placeWords, sensorNames } from "./telling.js";
import { matter, say } from "./words.js";

const FIRST = 8;
const keyOf = (alert) => alert.record_id;

class Record {
  #world; #alert = null; #facts = null; #words = el("span"); #how = el("span", { class: "how" });
  #more = el("div", { class: "more" }); #ask = el("div", { class: "ask" }); #answer = el("p", { class: "answer", role: "status" }); #end = null; #geo = null;

  constructor(world, toggle) {
    this.#world = world;
    this.acts = new Acts(world, this.#ask, this.#answer);
    this.head = el("button", { type: "button", class: "record-head", onclick: toggle }, this.#words, this.#how);
    this.root = el("li", { class: "record" }, this.head, this.#more, this.#ask, this.#answer);
  }

  busy() { return this.#ask.childElementCount > 0; }

  update(alert, open) {
    if (this.busy() && alert.closed_by != null && this.#alert?.closed_by == null) { this.#ask.replaceChildren(); text(this.#answer, overWords(alert)); }
    this.#alert = alert;
    this.root.dataset.key = keyOf(alert);
    this.head.setAttribute("aria-expanded", String(open));
    this.root.classList.toggle("open", open);
    if (open) this.#unfold(); else if (this.#facts !== null) this.#fold();
    this.tick();
  }

  #unfold() {
    if (this.#facts === null) {
      this.#facts = new Facts(); this.#geo = el("a");
      this.#end = el("button", { type: "button", class: "end", onclick: () => this.acts.outcome() });
      this.#more.append(this.#facts.root, this.#geo, this.#end);
    }
    this.acts.of([this.#alert]);
    text(this.#end, say("outcome")); show(this.#end, this.#alert.closed_by == null);  // what a person said stands
    const { pilot } = this.#alert;
    show(this.#geo, known(pilot));
    if (!known(pilot)) return;
    const at = [pilot.latitude_deg, pilot.longitude_deg].map((degrees) => Number(degrees).toFixed(5));
    text(this.#geo, at.join(", ")); this.#geo.href = `geo:${at.join(",")}`;
  }

  #fold() { this.#more.replaceChildren(); this.#ask.replaceChildren(); text(this.#answer, ""); this.#facts = null; }

  #rows() {
    const alert = this.#alert, place = placeOf(alert, null), rows = [[say("outcome"), outcomeWords(alert.outcome)]];
    if (alert.note) rows.push([say("note"), alert.note]);
    if (alert.track_id != null) {
      rows.push([say("pilot"), Object.values(pilotWords(alert.pilot, place, this.#world, null, alert)).filter(Boolean).join(", ")]);
      rows.push([say("drone"), droneWords(alert, null, this.#world)], [say("notice"), noticeWords(alert)]);
      if (place !== null) rows.push([say("place"), placeWords(place, this.#world)]);
      rows.push([say("heard_by"), sensorNames(alert.sensors, this.#world)]);
      if (alert.uas_id) rows.push([say("id"), alert.uas_id]);
    }
    return rows;
  }

  tick() {
    const alert = this.#alert, whose = alert.closed_by ?? alert.taken_by;
    text(this.#words, matter(alert));
    text(this.#how, [outcomeWords(alert.outcome), whose, ago(this.#world.age(alert.closed ?? alert.time))].filter(Boolean).join(" · "));
    if (this.#facts !== null) this.#facts.update(this.#rows());
  }
}

export class Records {
  #world; #place = byId("closed"); #records = new Map(); #open = null; #all = false; #more;

  constructor(world) {
    this.#world = world;
    this.#more = el("button", { type: "button", class: "rest", onclick: () => { this.#all = true; this.update(); } });
    this.#place.append(this.#more);
  }

  /** Open the one with this id, of an alert or of a record. @returns {boolean} whether there is one */
  reveal(id) {
    const found = this.#world.records().find((alert) => keyOf(alert) === id || alert.alert_id === id);
    if (!found) return false;
    this.#open = keyOf(found); this.#all = true; this.update();
    this.#records.get(this.#open).root.scrollIntoView({ block: "center" });
    return true;
  }

  update() {
    const all = this.#world.records(), shown = this.#all ? all : all.slice(0, FIRST), keys = new Set(shown.map(keyOf));
    show(this.#place, all.length > 0);
    text(this.#place.querySelector("h2"), say("closed"));
    for (const key of this.#records.keys()) if (!keys.has(key)) this.#records.delete(key);
    arrange(this.#place.querySelector("ul"), shown.map((alert) => this.#draw(alert).root));
    show(this.#more, shown.length < all.length); text(this.#more, say("and_more", { count: whole(all.length - shown.length) }));
  }

  #draw(alert) {
    const key = keyOf(alert);
    const record = this.#records.get(key) ?? new Record(this.#world, () => { this.#open = this.#open === key ? null : key; this.update(); });
    this.#records.set(key, record);
    record.update(alert, this.#open === key || record.busy());
    return record;
  }

  tick() { for (const record of this.#records.values()) record.tick(); }
}
