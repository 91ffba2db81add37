// The box of what was chosen on the map: a drone without an alert, or the zones of a place. It is drawn anew with each
// picture and each second, and greyed when its drone is no longer heard.

import { styleOf } from "./marks.js";
import { ago } from "./numbers.js";
import { byId, dress, el, Facts, show, text } from "./page.js";
import { craftWord, droneWords, pilotWords, placeOf, placeWords, sensorNames } from "./telling.js";
import { say } from "./words.js";
import { Why } from "./why.js";

const OLD_S = 30;

export class Box {
  #world; #root = byId("detail"); #title = el("strong"); #facts = new Facts(); #why = new Why(); #gone = el("p", { class: "gone-line" });
  #shut; #track = null; #zones = null;

  /** @param {() => void} shut when the reader closes it */
  constructor(world, shut) {
    this.#world = world;
    this.#shut = el("button", { class: "shut", type: "button", onclick: shut }, "×");
    this.#root.append(this.#title, this.#gone, this.#facts.root, this.#why.root, this.#shut);
  }

  drone(id) { this.#zones = null; this.#track = this.#world.tracks.get(id) ?? null; this.tick(); }
  zones(list) { this.#track = null; this.#zones = list.length > 0 ? list : null; this.tick(); }
  close() { this.#track = this.#zones = null; this.tick(); }
  isOpen() { return this.#track !== null || this.#zones !== null; }

  tick() {
    show(this.#root, this.isOpen());
    if (!this.isOpen()) return;
    this.#shut.setAttribute("aria-label", say("cancel"));
    if (this.#track !== null) this.#showDrone(); else this.#showZones();
  }

  #showDrone() {
    const live = this.#world.tracks.get(this.#track.track_id);
    this.#track = live ?? this.#track;
    const track = this.#track, seconds = this.#world.age(track.last_seen), old = !live || this.#world.old() || seconds === null || seconds > OLD_S;
    dress(this.#root, old ? "gone" : "");
    text(this.#title, say(styleOf(track)));
    show(this.#gone, !live); text(this.#gone, say("why_gone"));
    this.#facts.update(this.#rows(track, live, seconds));
    this.#why.update(live ? track.track_id : null);
  }

  #rows(track, live, seconds) {
    const rows = [], place = placeOf(null, track);
    if (track.pilot) rows.push([say("pilot"), Object.values(pilotWords(track.pilot, track, this.#world, live, track)).filter(Boolean).join(", ")]);
    rows.push([craftWord(track), droneWords(track, live, this.#world)]);
    if (place !== null) rows.push([say("place"), placeWords(place, this.#world)]);
    rows.push([say("heard_by"), sensorNames(track.sensors, this.#world)], [say("last_seen"), ago(seconds)]);
    if (track.uas_id) rows.push([say("id"), track.uas_id]);
    if (track.self_id) rows.push([say("self_id"), track.self_id]);
    return rows;
  }

  #showZones() {
    dress(this.#root, ""); show(this.#gone, false);
    text(this.#title, say("zone"));
    this.#why.update(null);
    const kinds = new Map();
    for (const zone of this.#zones) {
      const kind = say(zone.kind === "legal" ? "legal" : "alert_only");
      kinds.set(kind, [...(kinds.get(kind) ?? []), zone.name ?? zone.zone_id ?? ""]);
    }
    this.#facts.update([...kinds].map(([kind, names]) => [kind, names.join(", ")]));
  }
}
