// The alert cards: one for each drone, the gravest first. A card is built once and then only its texts change, so a
// finger on a button or a name half typed is never disturbed by the next picture.

import { bearingAndDistance, known } from "./places.js";
import { mark, repaint, styleOf } from "./marks.js";
import { el, ground, recall, remember, text } from "./page.js";
import { ago, distance, duration, minutes, say, sentence, typeName, whole, windOf, windTo } from "./words.js";
import { send } from "./live.js";
import { Why } from "./why.js";

export const OUTCOMES = ["warned", "fined", "permit_shown", "not_found", "false_alarm", "own_drone", "other"];

export function pilotWords(pilot, drone, mode) {
  if (!known(pilot)) return { title: say(mode === "statistics" ? "hidden_pilot" : "no_pilot"), kind: "" };
  let where = "";
  if (known(drone)) {
    const [bearing, metres] = bearingAndDistance(drone, pilot);
    where = metres < 15 ? say("at_drone") : `${distance(metres)} ${windOf(bearing)} ${say("of_drone")}`;
  }
  const kinds = { live: "live", takeoff: "take_off_kind", bearing: "bearing_kind", claimed: "claimed_kind" };
  const accuracy = pilot.accuracy_m == null ? "" : `, ±\u00a0${whole(pilot.accuracy_m)}\u00a0m`;
  const name = say(pilot.kind === "takeoff" ? "takeoff" : "pilot");
  return { title: where ? `${name}: ${where}` : name, kind: say(kinds[pilot.kind] ?? "bearing_kind") + accuracy };
}

export function droneWords(alert, track) {
  const height = alert?.height_agl_m ?? track?.height_agl_m, sigma = alert?.height_sigma_m ?? track?.height_sigma_m;
  const parts = [track ? typeName(track.ua_type) + (track.eu_class ? `, ${track.eu_class}` : "") : null];
  parts.push(height == null ? say("height_unknown") : `${whole(height)}\u00a0m${sigma == null ? "" : ` ±\u00a0${whole(sigma)}\u00a0m`} ${say("height")}`);
  if (track?.speed_m_s != null) {
    if (track.speed_m_s < 1) parts.push(say("hovering"));
    else parts.push(`${whole(track.speed_m_s)}\u00a0m/s${track.track_deg == null ? "" : ` ${say("heading")} ${windTo(track.track_deg)}`}`);
  }
  return parts.filter(Boolean).join(" · ");
}

export function noticeWords(alert) {
  if (!alert.notice_id) return say("no_notice");
  const gap = alert.notice_gap ?? {}, missing = [];
  if (gap.metres) missing.push(`${distance(gap.metres)} ${say("outside")}`);
  if (gap.minutes) missing.push(gap.minutes > 0 ? `${say("starts_in")} ${minutes(gap.minutes)}` : `${say("ended")} ${minutes(gap.minutes)} ${say("ago")}`);
  if (gap.identity) missing.push(say(gap.identity === "missing" ? "identity_missing" : "identity_different"));
  if (gap.state) missing.push(say("not_approved"));
  return `${alert.notice_id}: ${missing.join(", ") || say("fits")}`;
}

export function sensorNames(ids, world) {
  const names = new Map(world.sensors.map((sensor) => [sensor.sensor_id, sensor.name]));
  return ids.map((id) => names.get(id) ?? id).join(", ") || say("nobody");
}

const GRAVITY = ["violation", "suspected", "not_decidable", "situation"];  // as the service ranks a track's verdicts

// The card wears the mark that its drone has on the map.
export function markOf(alerts, track) {
  if (alerts[0].kind === "coverage") return "coverage";
  if (track) return styleOf(track);
  if (alerts.some((alert) => alert.kind === "spoofing")) return "spoof";
  return GRAVITY.find((verdict) => alerts.some((alert) => alert.verdict === verdict)) ?? "unjudged";
}

function takenWords(alerts) {
  const taken = alerts.find((alert) => alert.taken_by), handed = alerts.find((alert) => alert.evidence?.handed_over_by && !alert.taken_by);
  if (taken) return `${say("taken_by")}: ${taken.taken_by}`;
  if (!handed) return `${say("taken_by")}: ${say("not_taken")}`;
  return [`${say("note_handed")} ${handed.evidence.handed_over_by}`, handed.evidence.note && `${say("to_whom")}: ${handed.evidence.note}`].filter(Boolean).join(" · ");
}

export class Cards {
  #cards = new Map(); #place; #focus; #world;

  // ``focus(key)`` is told when a card is chosen.
  constructor(place, world, focus) { this.#place = place; this.#world = world; this.#focus = focus; }

  update(groups, selected) {
    const phone = matchMedia("(max-width: 760px)").matches, chosen = groups.some((group) => group.key === selected);
    for (const [key, card] of this.#cards) if (!groups.some((group) => group.key === key)) { card.root.remove(); this.#cards.delete(key); }
    groups.forEach((group, index) => {
      let card = this.#cards.get(group.key);
      if (!card) { card = new Card(this.#world, () => this.#focus(group.key), () => this.#focus(null)); this.#cards.set(group.key, card); }
      if (this.#place.children[index] !== card.root) this.#place.insertBefore(card.root, this.#place.children[index] ?? null);
      const open = chosen ? selected === group.key : !phone && index === 0;
      card.update(group, index + 1, open, selected === group.key);
    });
  }

  tick() { for (const card of this.#cards.values()) card.tick(); }
  scrollTo(key) { this.#cards.get(key)?.root.scrollIntoView({ block: "nearest" }); }
}

class Card {
  #world; #group = null; #ask = null; #mark = mark(null, "", 36); #rank = el("span", { class: "rank" });
  #meta = el("span", { class: "meta" }); #seen = el("span", { class: "seen" }); #sentence = el("strong"); #others = el("ul", { class: "others" });
  #pilot = el("p", { class: "pilot-place" }); #pilotKind = el("p", { class: "pilot-kind" }); #geo = el("a"); #facts = el("dl", { class: "facts" });
  #take; #hand; #end; #answer = el("p", { class: "answer", role: "status" }); #form = el("div", { class: "ask" }); #taken = el("p", { class: "taken" }); #pilotMark = mark(null, "", 36);
  #back; #why = new Why(); #member = null;

  constructor(world, choose, leave) {
    this.#world = world;
    this.#take = el("button", { type: "button", class: "primary take", onclick: () => this.#withName((by) => this.#post("acknowledge", { by })) });
    this.#hand = el("button", { type: "button", class: "hand", onclick: () => this.#withName((by) => this.#askText("to_whom", (note) => this.#post("hand-over", { by, note }))) });
    this.#end = el("button", { type: "button", class: "end", onclick: () => this.#withName((by) => this.#askOutcome((outcome) => this.#post("close", { by, outcome }))) });
    this.#back = el("button", { type: "button", class: "back", onclick: (event) => { event.stopPropagation(); leave(); } });
    this.pilotBox = el("div", { class: "pilot" }, this.#pilotMark, el("div", {}, this.#pilot, el("p", { class: "pilot-more" }, this.#pilotKind, this.#geo)));
    this.head = el("button", { type: "button", class: "head", onclick: choose }, el("span", { class: "line" }, this.#rank, this.#mark, el("span", { class: "ages" }, this.#meta, this.#seen)), this.#sentence);
    this.more = el("div", { class: "more" }, this.#others, this.#facts, this.#why.root);
    this.actions = el("div", { class: "actions" }, this.#take, this.#hand, this.#end);
    this.root = el("article", { class: "card" }, this.#back, this.head, this.pilotBox, this.more, this.#taken, this.#form, this.#answer, this.actions);
  }

  update(group, rank, open, selected) {
    this.#group = group;
    const alert = group.top, track = this.#world.tracks.get(alert.track_id), name = markOf(group.alerts, track), taken = group.alerts.find((one) => one.taken_by)?.taken_by;
    this.root.className = `card ${name}${open ? " open" : ""}${selected ? " selected" : ""}${taken ? "" : " new"}${group.alerts.length && alert.track_id ? "" : " plain"}`;
    this.root.dataset.key = group.key;
    this.head.setAttribute("aria-expanded", String(open));
    repaint(this.#mark, name, ground());
    text(this.#rank, String(rank)); text(this.#sentence, sentence(alert));
    this.#others.replaceChildren(...group.alerts.slice(1).map((one) => el("li", {}, sentence(one))));
    this.#showPilot(alert, track, name);
    this.#showFacts(alert, track);
    this.#why.update(this.#whose(alert), alert.track_id == null ? "why_one" : "why");
    text(this.#taken, takenWords(group.alerts));
    text(this.#take, say("take")); text(this.#hand, say("hand_over")); text(this.#end, say("outcome")); text(this.#back, say("close_card"));
    this.#take.hidden = Boolean(taken);
    this.tick();
  }

  // Whose track explains the alert. A swarm has none of its own: one of its drones answers for as long as it is heard.
  #whose(alert) {
    if (alert.track_id != null || alert.kind !== "spoofing") return alert.track_id;
    const signs = alert.evidence?.remarks ?? [], belongs = (track) => Boolean(track?.suspect) && signs.some((sign) => track.remarks.includes(sign));
    if (!belongs(this.#world.tracks.get(this.#member))) this.#member = [...this.#world.tracks.values()].find(belongs)?.track_id ?? null;
    return this.#member;
  }

  #showPilot(alert, track, name) {
    const pilot = track?.pilot ?? alert.pilot, drone = known(track) ? track : alert;
    this.pilotBox.hidden = alert.track_id == null;
    const words = pilotWords(pilot, drone, this.#world.status?.mode), kind = known(pilot) ? pilot.kind : null;
    text(this.#pilot, words.title); text(this.#pilotKind, words.kind);
    this.#pilotMark.hidden = !["live", "takeoff", "claimed"].includes(kind);
    if (!this.#pilotMark.hidden) repaint(this.#pilotMark, `pin-${kind}-${name}`, ground());
    this.#geo.hidden = kind === null;
    if (kind !== null) {
      const at = `${Number(pilot.latitude_deg).toFixed(5)},${Number(pilot.longitude_deg).toFixed(5)}`;
      this.#geo.href = `geo:${at}`; text(this.#geo, at.replace(",", ", "));
    }
  }

  #showFacts(alert, track) {
    const facts = [];
    if (alert.track_id != null) facts.push(["drone", droneWords(alert, track)], ["notice", noticeWords(alert)]);
    if (alert.kind !== "coverage") facts.push(["heard_by", sensorNames(track?.sensors ?? alert.sensors, this.#world)]);
    if (track?.self_id) facts.push(["self_id", track.self_id]);
    const id = track?.uas_id ?? alert.uas_id;
    if (id) facts.push(["id", id]);
    if (alert.zone_name) facts.push(["zone", alert.zone_name]);
    const known = [...this.#facts.children].map((child) => child.textContent).join("\n"), next = facts.map(([key, value]) => `${say(key)}\n${value}`).join("\n");
    if (known !== next) this.#facts.replaceChildren(...facts.flatMap(([key, value]) => [el("dt", {}, say(key)), el("dd", {}, value)]));
  }

  tick() {
    const alert = this.#group.top, track = this.#world.tracks.get(alert.track_id), opened = this.#world.age(alert.opened);
    text(this.#meta, `${say("priority")} ${alert.priority} · ${say("open_for")} ${duration(opened ?? 0)}`);
    const seen = alert.track_id == null ? null : this.#world.age(track?.last_seen ?? alert.last_seen);
    text(this.#seen, seen === null ? "" : `${say("seen")} ${ago(seen)}`);
    this.#seen.className = `seen${seen > 30 ? " stale" : seen > 10 ? " fading" : ""}`;
  }

  #withName(then) {
    const name = recall("name") ?? this.#ask;
    if (name) then(name); else this.#askText("your_name", (given) => { this.#ask = given; remember("name", given); then(given); });
  }

  #askText(question, then) {
    const input = el("input", { name: question, maxlength: "60", required: true, autocomplete: "off" });
    const close = () => this.#form.replaceChildren();
    const form = el("form", { onsubmit: (event) => { event.preventDefault(); const value = input.value.trim(); close(); if (value) then(value); } },
      el("label", {}, say(question), input), el("span", { class: "pair" }, el("button", { type: "submit", class: "primary" }, say("ok")), el("button", { type: "button", onclick: close }, say("cancel"))));
    this.#form.replaceChildren(form); input.focus();
  }

  #askOutcome(then) {
    const close = () => this.#form.replaceChildren();
    const buttons = OUTCOMES.map((outcome) => el("button", { type: "button", value: outcome, onclick: () => { close(); then(outcome); } }, say(outcome)));
    this.#form.replaceChildren(el("p", {}, say("which_outcome")), el("div", { class: "outcomes" }, ...buttons, el("button", { type: "button", onclick: close }, say("cancel"))));
  }

  // One drone is one matter: what is done to its card is done to each of its open alerts.
  async #post(act, body) {
    text(this.#answer, say("sending"));
    const open = this.#group.alerts.filter((alert) => act !== "acknowledge" || !alert.taken_by);
    try {
      const answers = await Promise.all(open.map((alert) => send(`alerts/${encodeURIComponent(alert.alert_id)}/${act}`, body)));
      const refused = answers.find((answer) => !answer.ok);
      const why = refused ? say([404, 409].includes(refused.status) ? `failed_${refused.status}` : "failed") : "";
      text(this.#answer, why);
    } catch { text(this.#answer, say("failed")); }
  }
}
