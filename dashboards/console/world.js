// The picture of now: what the service tells, and what of it belongs together. Nothing here touches the page.

import { Clock } from "./clock.js";
import { Trails } from "./trails.js";

const RECORDS_MAX = 200, NEAR_MAX = 12;
const AGAINST = new Set(["violation", "suspected", "situation", "not_decidable"]);

/** ``open``: to be done; ``handled``: a person gave an outcome and the thing is still there; ``record``: over. */
export function lifeOf(alert) {
  const there = alert.condition === "there";
  if (alert.acknowledgement === "done") return there ? "handled" : "record";
  return there || alert.acknowledgement !== "nobody" ? "open" : "record";
}

/** Taken, and the drone is no longer there: it waits for its outcome. */
export function waits(alert) { return lifeOf(alert) === "open" && alert.condition === "gone"; }

/** The words for what sensors hear and what does not come. */
export const DEAF = ["link_lost", "refused_by_peer", "session_taken", "clock_followed"];

const key = (alert) => alert.record_id;
const order = (a, b) => b.priority - a.priority || (a.alert_id < b.alert_id ? -1 : 1);
const time = (alert) => Date.parse(alert.closed ?? alert.time);

export class World {
  clock = new Clock(); live = false;
  tracks = new Map(); alerts = new Map(); sensors = []; zones = null; status = null; trails = new Trails();
  #seen = new Set(); #groups = null; #records = null; #matters = null;

  age(text) { return this.clock.age(text); }
  complete() { return this.status !== null && this.#seen.has("tracks") && this.#seen.has("alerts"); }

  /** What the server says of the state; ``no_live_data`` where that cannot be known. */
  state() {
    if (!this.status || !this.live) return "no_live_data";
    return this.status.state === "clear" && !this.seesAll() ? "coverage_reduced" : this.status.state;
  }

  /** Nothing on the page may look live. */
  old() { return this.state() === "no_live_data"; }

  /** Whether every sensor works, and every link to one. */
  hearsAll() { return this.seesAll() && !this.old() && !(this.status?.troubles ?? []).some((each) => DEAF.includes(each.word)); }

  /** Every sensor is heard and sees, and what they hear is followed: without that an empty map says nothing. */
  seesAll() { return this.status?.no_room === 0 && this.sensors.every((sensor) => sensor.ok); }

  /** Seconds since the last detection, by the server's figure and the one clock. */
  dataAge() {
    const told = this.status?.data_age_s;
    return told == null ? null : told + this.clock.quiet();
  }

  take(name, data) {
    if (name === "status") this.status = data;
    else if (name === "tracks") { this.tracks = new Map(lines(data, "track_id").map((one) => [one.track_id, one])); this.trails.take(this.tracks); }
    else if (name === "alerts") this.#takeAll(lines(data, "alert_id"));
    else if (name === "alert") { for (const alert of lines([data], "alert_id")) this.#takeOne(this.alerts, alert); }
    else if (name === "sensors") this.sensors = lines(data, "sensor_id");
    else if (name === "zones") this.zones = data;
    this.#seen.add(name);
    this.#groups = this.#records = this.#matters = null;
  }

  #takeAll(alerts) {
    const next = new Map();
    for (const alert of alerts) this.#takeOne(next, alert, this.alerts.get(key(alert)));
    this.alerts = next;
  }

  // An answer that was under way while news came does not undo the news.
  #takeOne(into, alert, had = into.get(key(alert))) {
    into.set(key(alert), had && had.revision > alert.revision && had.opened === alert.opened ? had : alert);
  }

  /**
   * One for each drone, and for each alert without one; what belongs to a flood is folded into it. Those to be done
   * first, by priority; then those that a person handled while the thing is still there. A drone of a flood that is near
   * the crowd has a place of its own.
   * @returns {{key: string, life: string, top: object, alerts: object[], members: object[]}[]}
   */
  groups() { return this.#groups ??= grouped(this.#current()); }

  /** The same with nothing folded away, and with the drones in the air that are not allowed and have no alert (``top`` null). */
  matters() { return this.#matters ??= unfolded(this.#current(), this.tracks); }

  #current() { return [...this.alerts.values()].filter((alert) => lifeOf(alert) !== "record"); }

  /** How many there are to be done. */
  open() { return this.groups().filter((group) => group.life === "open").length; }

  /** What is over: drones before sensors, the newest first. */
  records() {
    return this.#records ??= [...this.alerts.values()].filter((alert) => lifeOf(alert) === "record")
      .sort((a, b) => (a.kind === "coverage") - (b.kind === "coverage") || time(b) - time(a)).slice(0, RECORDS_MAX);
  }
}

function lines(data, id) { return Array.isArray(data) ? data.filter((line) => typeof line?.[id] === "string") : []; }

function grouped(alerts) {
  const floods = new Map(alerts.filter((alert) => alert.count != null).map((alert) => [alert.alert_id, []]));
  const single = singled(alerts, floods), rest = [];
  for (const alert of alerts) {
    const flood = single.has(alert.track_id) ? null : floods.get(alert.part_of);
    if (flood) flood.push(alert); else rest.push(alert);
  }
  for (const members of floods.values()) members.sort(order);
  return arranged(rest, floods);
}

// Who is not folded: who has an alert outside the flood, who is over the crowd, and the first of those in the ring. More
// of these would bury the list again; they stand first among the flood's own.
function singled(alerts, floods) {
  const role = (alert) => (alert.condition === "there" ? alert.zone_role : null);
  const apart = alerts.filter((alert) => alert.track_id != null && (!floods.has(alert.part_of) || role(alert) === "bowl"));
  const single = new Set(apart.map((alert) => alert.track_id)), ring = alerts.filter((alert) => role(alert) === "ring" && !single.has(alert.track_id));
  return new Set([...single, ...ring.sort(order).slice(0, NEAR_MAX).map((alert) => alert.track_id)]);
}

function arranged(alerts, floods) {
  const found = new Map();
  for (const alert of alerts) {
    const whose = alert.track_id ?? alert.alert_id;
    if (!found.has(whose)) found.set(whose, []);
    found.get(whose).push(alert);
  }
  const groups = [...found].map(([whose, own]) => group(whose, own, floods));
  return groups.sort((a, b) => rank(a) - rank(b) || order(a.top, b.top));
}

// What flies is first, then what only waits for its outcome, then what is handled.
function rank(group) { return group.life !== "open" ? 2 : group.alerts.every((alert) => !isLive(alert)) ? 1 : 0; }

function isLive(alert) { return lifeOf(alert) === "open" && alert.condition === "there"; }

function unfolded(alerts, tracks) {
  const told = arranged(alerts, new Map()), known = new Set(told.map((one) => one.key));
  const untold = [...tracks.values()].filter((track) => track.airborne && AGAINST.has(track.verdict) && !known.has(track.track_id));
  return [...told, ...untold.map((track) => ({ key: track.track_id, life: "open", top: null, alerts: [], members: [] }))];
}

function group(whose, own, floods) {
  const open = own.filter((alert) => lifeOf(alert) === "open").sort(order);
  const sorted = [...open, ...own.filter((alert) => lifeOf(alert) !== "open").sort(order)];
  return { key: whose, life: open.length > 0 ? "open" : "handled", top: sorted[0], alerts: sorted, members: floods.get(sorted[0].alert_id) ?? [] };
}
