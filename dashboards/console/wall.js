// The wall's side: one drone, and all that is said there is said of it: how long to the crowd, the sentence, the height,
// the pilot, who has it, how old that is. Then the sensors and the clock.

import { telling, takenWords } from "./card.js";
import { ago, clock, oldness, whole } from "./numbers.js";
import { arrange, byId, dress, el, show, text } from "./page.js";
import { secondsTo } from "./places.js";
import { droneWords, outcomeWords, pilotOf, pilotWords, placeOf } from "./telling.js";
import { say } from "./words.js";

const SOON_S = 1800, LAMPS = 8;

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

  // Over the crowd first; else who is there soonest; else who ranks first.
  #subject(groups) {
    const bowls = (this.#world.zones?.features ?? []).filter((zone) => zone.properties.role === "bowl");
    const timed = groups.map((group) => ({ group, ...this.#way(group, bowls) }));
    const over = timed.find((one) => one.over), soon = timed.filter((one) => one.seconds < SOON_S).sort((a, b) => a.seconds - b.seconds)[0];
    return over ?? soon ?? timed[0] ?? null;
  }

  #way(group, bowls) {
    const track = this.#world.tracks.get(group.top.track_id);
    const over = group.alerts.some((alert) => alert.zone_role === "bowl" && alert.condition === "there");
    const times = track ? bowls.map((zone) => secondsTo(track, zone)).filter((seconds) => seconds !== null) : [];
    return { track, over, seconds: times.length > 0 ? Math.min(...times) : Infinity };
  }

  draw() {
    const groups = this.#world.groups(), subject = this.#subject(groups);
    text(this.#heading, say("to_bowl"));
    this.#showWay(subject);
    this.#showDrone(subject);
    const rest = groups.filter((group) => group.life === "open" && group !== subject?.group).length;
    show(this.#more, rest > 0); text(this.#more, say("more_open", { count: whole(rest) }));
    this.#showSensors();
    const { status } = this.#world, of = status ? say("n_of", { n: status.authorised_now, all: status.authorised_limit }) : "-";
    text(this.#clock, clock(this.#world.clock.now()));
    text(this.#foot, `${say("data_age")} ${oldness(this.#world.dataAge())} · ${say("authorised")} ${of}`);
  }

  #showWay(subject) {
    const { seconds = Infinity, over = false } = subject ?? {}, counted = !over && seconds < SOON_S && !this.#world.old();
    const time = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    const calm = this.#world.old() ? "no_live_data" : this.#world.seesAll() ? "no_approach" : "no_approach_seen";
    dress(this.#countdown, counted ? "big" : "middle");
    text(this.#countdown, over ? say("over_crowd") : counted ? time : say(calm));
  }

  #showDrone(subject) {
    const alert = subject?.group.top, track = subject?.track, drone = alert?.track_id != null;
    text(this.#sentence, alert ? telling(alert, this.#world) : say("no_alerts"));
    for (const part of [this.#drone, this.#pilot, this.#kind, this.#taken]) show(part, drone);
    if (!drone) return;
    const seen = this.#world.age(track?.last_seen ?? alert.last_seen);
    text(this.#drone, [droneWords(alert, track, this.#world), seen === null ? "" : say("seen", { ago: ago(seen) })].filter(Boolean).join(" · "));
    const words = pilotWords(pilotOf(alert, track), placeOf(alert, track), this.#world.status?.mode, !track);
    text(this.#pilot, words.title); text(this.#kind, words.kind);
    const handled = subject.group.life === "handled";
    text(this.#taken, handled ? say("handled_as", { outcome: outcomeWords(alert.outcome) }) : takenWords(subject.group.alerts));
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
