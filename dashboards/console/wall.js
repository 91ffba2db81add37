// The wall's side: one drone, and all that is said there is said of it: how long to the crowd, the sentence, the height,
// the pilot, who has it, how old that is. Then the sensors and the clock.

import { stateReason } from "./bar.js";
import { styleOf } from "./marks.js";
import { ago, clock, oldness, whole } from "./numbers.js";
import { arrange, byId, dress, el, show, text } from "./page.js";
import { known, secondsTo } from "./places.js";
import { droneWords, handledWords, pilotOf, pilotWords, placeOf, takenWords, telling } from "./telling.js";
import { say } from "./words.js";

const SOON_S = 1800, LAMPS = 8, HEARD_S = 30, DATA_S = 5;

// As the state counts it: who is there, but not one whose signal is doubted and of whom nothing is decided.
function counts(alert, track) { return alert.condition === "there" && !(alert.verdict === "not_decidable" && track?.suspect); }

export class Wall {
  #world; #heading = el("h2"); #countdown = el("p"); #sentence = el("p"); #drone = el("p", { class: "wall-drone" });
  #pilot = el("span"); #kind = el("span", { class: "quiet" }); #taken = el("p", { class: "wall-taken" });
  #more = el("p", { class: "quiet more-open" }); #sensors = el("h2"); #lamps = el("ul", { class: "lamps" });
  #clock = el("p", { class: "wall-clock" }); #foot = el("p", { class: "quiet" }); #made = new Map();

  constructor(world) {
    this.#world = world;
    byId("wall-panel").append(
      el("section", { class: "countdown" }, this.#heading, this.#countdown),
      el("section", { class: "why" }, this.#sentence, this.#drone, this.#taken, el("div", { class: "wall-pilot" }, this.#pilot, " ", this.#kind), this.#more),
      el("section", {}, this.#sensors, this.#lamps),
      el("section", { class: "foot" }, this.#clock, this.#foot),
    );
  }

  // Of all that flies and is not allowed, folded into a flood or not: over the crowd first; else who is there soonest; else
  // who is in the ring; else who ranks first.
  #subject(bowls) {
    const all = this.#world.matters().map((one) => ({ ...one, ...this.#way(one, bowls) }));
    const soon = all.filter((one) => one.seconds < SOON_S).sort((a, b) => a.seconds - b.seconds)[0], open = all.filter((one) => one.life === "open");
    return all.find((one) => one.over) ?? soon ?? all.find((one) => one.near) ?? open.find((one) => one.flies) ?? open[0] ?? all[0] ?? null;
  }

  #way({ key, top, alerts }, bowls) {
    const track = this.#world.tracks.get(key), age = this.#world.age(track?.last_seen);
    const roles = new Set(alerts.filter((alert) => counts(alert, track)).map((alert) => alert.zone_role));
    const times = track && age !== null && age <= HEARD_S ? bowls.map((zone) => secondsTo(track, zone)).filter((seconds) => seconds !== null) : [];
    const flies = top === null || (top.track_id != null && alerts.some((alert) => alert.condition === "there"));
    return { track, flies, over: roles.has("bowl"), near: roles.has("ring"), seconds: flies && times.length > 0 ? Math.max(0, Math.min(...times) - age) : Infinity };
  }

  draw() {
    const bowls = (this.#world.zones?.features ?? []).filter((zone) => zone.properties.role === "bowl"), subject = this.#subject(bowls);
    this.#showWay(subject, this.#world.zones !== null && bowls.length === 0);
    this.#showDrone(subject);
    const rest = this.#world.groups().filter((group) => group.life === "open" && group.key !== subject?.key).length;
    show(this.#more, rest > 0); text(this.#more, say("more_open", { count: whole(rest) }));
    this.#showSensors();
    const { status } = this.#world, of = status ? say("n_of", { n: status.authorised_now, all: status.authorised_limit }) : "-";
    text(this.#clock, clock(this.#world.clock.now()));
    text(this.#foot, `${say("data_age")} ${oldness(this.#world.dataAge())} · ${say("authorised")} ${of}`);
  }

  // Without a crowd area there is nothing to count to, and that is said instead.
  #showWay(subject, none) {
    const { seconds = Infinity } = subject ?? {}, state = this.#world.state(), old = this.#world.old();
    const over = state === "over_crowd" || (!old && subject?.over === true), near = state === "drone_near" || subject?.near === true;
    const counted = !old && !over && seconds < SOON_S;
    const time = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    const calm = old ? "no_live_data" : over ? "over_crowd" : near ? "near_no_time" : this.#sure(subject) ? "no_approach" : "no_approach_seen";
    text(this.#heading, say(none && !over ? "no_bowl" : "to_bowl"));
    show(this.#countdown, !none || over);
    dress(this.#countdown, counted ? "big" : "middle");
    text(this.#countdown, counted ? time : say(calm));
  }

  // That nothing comes can only be said of a picture that is whole and of now, and of drones whose place is known.
  #sure(subject) {
    const { sensors, status } = this.#world, age = this.#world.dataAge();
    const whole = sensors.length > 0 && this.#world.hearsAll() && (status?.cannot_say ?? []).length === 0;
    return whole && age !== null && age <= DATA_S && !(subject?.flies && !known(subject.track));
  }

  #showDrone(subject) {
    const alert = subject?.top ?? null, track = subject?.track, drone = alert?.track_id != null || track != null;
    text(this.#sentence, alert ? telling(alert, this.#world) : track ? say(styleOf(track)) : stateReason(this.#world) || (this.#world.old() ? "" : say("no_alerts")));
    for (const part of [this.#drone, this.#pilot, this.#kind, this.#taken]) show(part, drone);
    if (!drone) return;
    const seen = this.#world.age(track?.last_seen ?? alert.last_seen);
    text(this.#drone, [droneWords(alert, track, this.#world), seen === null ? "" : say("seen", { ago: ago(seen) })].filter(Boolean).join(" · "));
    const words = pilotWords(pilotOf(alert, track), placeOf(alert, track), this.#world, track, alert);
    text(this.#pilot, words.title); text(this.#kind, words.kind);
    show(this.#taken, alert !== null);
    if (alert) text(this.#taken, subject.life === "handled" ? handledWords(alert) : takenWords(subject.alerts));
  }

  #showSensors() {
    const { status, sensors } = this.#world;
    text(this.#sensors, `${say("sensors")} ${status ? say("n_of", { n: status.sensors_ok, all: status.sensors }) : ""}`);
    const first = [...sensors].sort((a, b) => Number(a.ok) - Number(b.ok)).slice(0, LAMPS);
    arrange(this.#lamps, first.map((sensor) => {
      const lamp = this.#made.get(sensor.sensor_id) ?? el("li", {}, el("span", { class: "lamp" }), el("span"));
      this.#made.set(sensor.sensor_id, lamp);
      dress(lamp, sensor.ok ? "ok" : "down"); text(lamp.lastChild, sensor.name);
      return lamp;
    }));
  }
}
