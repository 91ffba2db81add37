// One alert card, from top to bottom as an officer needs it. It is built once and then only its texts change, so a finger
// on a button or a name half typed is never disturbed by the next picture. What is folded is neither built nor computed.

import { Acts } from "./acts.js";
import { styleOf, mark, repaint } from "./marks.js";
import { ago, duration, whole } from "./numbers.js";
import { arrange, dress, el, Facts, show, text } from "./page.js";
import { known } from "./places.js";
import { craftWord, droneWords, handledWords, memberWords, noticeWords, overWords, pilotOf, pilotWords, placeOf, reopenedWords, sensorNames, takenWords, telling } from "./telling.js";
import { waits } from "./world.js";
import { Why } from "./why.js";
import { say } from "./words.js";
import { who } from "./who.js";

const STALE_S = 30, FADING_S = 10, MEMBERS_SHOWN = 20;
const GRAVITY = ["violation", "suspected", "not_decidable", "situation"];  // as the service ranks a track's verdicts

/** The card wears the mark that its drone has on the map. */
export function markOf(alerts, track) {
  if (alerts[0].kind === "coverage") return "coverage";
  if (track) return styleOf(track);
  if (alerts.some((alert) => alert.kind === "spoofing")) return "spoof";
  return GRAVITY.find((verdict) => alerts.some((alert) => alert.verdict === verdict)) ?? "unjudged";
}

export class Card {
  #world; #group = null; #acts; #more = null; #choose;
  #mark = mark(null, 36); #pilotMark = mark(null, 36); #rank = el("span", { class: "rank" });
  #meta = el("span", { class: "meta" }); #seen = el("span", { class: "seen" }); #sentence = el("strong");
  #life = el("p", { class: "life" }); #taken = el("p", { class: "taken" });
  #pilot = el("p", { class: "pilot-place" }); #pilotKind = el("p", { class: "pilot-kind" }); #geo = el("a");
  #ask = el("div", { class: "ask" }); #answer = el("p", { class: "answer", role: "status" }); #buttons = {};

  /** ``choose`` when its head is pressed; ``leave`` when the reader goes back to the list; ``go`` to another drone. */
  constructor(world, { choose, leave, go }) {
    this.#world = world; this.#choose = go;
    this.#acts = new Acts(world, this.#ask, this.#answer);
    const line = el("span", { class: "line" }, this.#rank, this.#mark, el("span", { class: "ages" }, this.#meta, this.#seen));
    this.back = el("button", { type: "button", class: "back", onclick: leave });
    this.head = el("button", { type: "button", class: "head", onclick: choose }, line, this.#sentence);
    const more = el("p", { class: "pilot-more" }, this.#pilotKind, this.#geo);
    this.pilotBox = el("div", { class: "pilot" }, this.#pilotMark, el("div", {}, this.#pilot, more));
    this.more = el("div", { class: "more" });
    this.body = el("div", { class: "body" }, this.back, this.head, this.#life, this.pilotBox, this.more, this.#taken);
    this.foot = el("div", { class: "foot" }, this.#ask, this.#answer);
    this.root = el("article", { class: "card" }, this.body, this.foot);
  }

  update(group, rank, open, selected) {
    if (this.busy() && this.#group?.life === "open" && group.life === "handled") this.#stop(group.top);
    this.#group = group;
    const { top: alert, alerts } = group, track = this.#world.tracks.get(alert.track_id), name = markOf(alerts, track);
    const fresh = group.life === "open" && !alerts.some((one) => one.taken_by);
    dress(this.root, ["card", name, group.life, open && "open", selected && "selected", fresh && "new", waits(alert) && "waits"].filter(Boolean).join(" "));
    if (this.root.dataset.key !== group.key) this.root.dataset.key = group.key;
    this.head.setAttribute("aria-expanded", String(open));
    repaint(this.#mark, name);
    text(this.#rank, group.life === "open" ? String(rank) : "✓");
    this.#showLife(alert);
    show(this.#taken, group.life === "open"); text(this.#taken, takenWords(alerts));
    if (open) this.#unfold(); else if (this.#more !== null) this.#fold();
    this.tick();
  }

  #showLife(alert) {
    const words = this.#group.life === "handled" ? handledWords(alert)
      : waits(alert) ? say("waits_outcome") : reopenedWords(alert);
    show(this.#life, words !== ""); text(this.#life, words);
  }

  // Another was faster than the form that stands here.
  #stop(alert) { this.#ask.replaceChildren(); text(this.#answer, overWords(alert)); }

  /** Its alert is over while a question was being answered: it says so and stays until ``then``, when that was read. */
  end(alert, then) {
    this.#stop(alert);
    this.foot.querySelector(".actions")?.remove();
    this.#ask.replaceChildren(el("button", { type: "button", class: "leave primary", onclick: () => { this.#ask.replaceChildren(); then(); } }, say("close_card")));
  }

  #showPilot(alert, track) {
    show(this.pilotBox, alert.track_id != null);
    if (alert.track_id == null) return;
    const pilot = pilotOf(alert, track), words = pilotWords(pilot, placeOf(alert, track), this.#world, track, alert);
    text(this.#pilot, words.title); text(this.#pilotKind, words.kind);
    const kind = known(pilot) ? pilot.kind : null, pinned = ["live", "takeoff", "claimed"].includes(kind);
    show(this.#pilotMark, pinned); show(this.#geo, kind !== null);
    if (pinned) repaint(this.#pilotMark, `pin-${kind}-${markOf(this.#group.alerts, track)}`);
    if (kind === null) return;
    const at = `${Number(pilot.latitude_deg).toFixed(5)},${Number(pilot.longitude_deg).toFixed(5)}`;
    text(this.#geo, at.replace(",", ", "));
    if (this.#geo.getAttribute("href") !== `geo:${at}`) this.#geo.href = `geo:${at}`;
  }

  // What only an open card has.
  #unfold() {
    const more = this.#more ??= this.#build(), { top: alert, alerts, life } = this.#group, track = this.#world.tracks.get(alert.track_id);
    text(this.back, say("close_card"));
    more.others.replaceChildren(...alerts.slice(1).map((one) => el("li", {}, telling(one, this.#world))));
    more.facts.update(this.#facts(alert, track));
    more.why.update(this.#whose(alert, more), alert.track_id == null ? "why_one" : "why");
    this.#showMembers(more);
    this.#acts.of(alerts);
    const owner = alerts.find((one) => one.taken_by)?.taken_by, free = alerts.some((one) => !one.taken_by);
    const { take, over, hand, end, undo } = this.#buttons;
    text(take, say("take")); text(over, say("take_over")); text(hand, say("hand_over")); text(end, say("outcome")); text(undo, say("undo"));
    show(take, life === "open" && free && !owner); show(over, life === "open" && Boolean(owner) && owner !== who.name());
    show(hand, life === "open"); show(end, life === "open"); show(undo, life === "handled");
  }

  #build() {
    const button = (name, act, primary = "") => (this.#buttons[name] = el("button", { type: "button", class: `${primary} ${name}`, onclick: act }));
    const acts = this.#acts, more = { others: el("ul", { class: "others" }), facts: new Facts(), why: new Why(), member: null, all: false, lines: new Map() };
    more.list = el("ul"); more.heading = el("h4");
    more.rest = el("button", { type: "button", class: "rest", onclick: () => { more.all = true; this.#showMembers(more); } });
    more.members = el("div", { class: "members" }, more.heading, more.list, more.rest);
    this.more.append(more.others, more.facts.root, more.members, more.why.root);
    this.foot.append(el("div", { class: "actions" }, button("take", () => acts.take(), "primary"), button("over", () => acts.takeOver()),
      button("hand", () => acts.handOver()), button("end", () => acts.outcome()), button("undo", () => acts.undo(), "primary")));
    return more;
  }

  #fold() { this.more.replaceChildren(); this.foot.querySelector(".actions")?.remove(); this.#ask.replaceChildren(); text(this.#answer, ""); this.#more = null; }

  #facts(alert, track) {
    const facts = [];
    if (alert.count != null) facts.push([say("drone"), say("n_drones", { count: whole(alert.count) })]);
    if (alert.track_id != null) facts.push([craftWord(track), droneWords(alert, track, this.#world)], [say("notice"), noticeWords(alert)]);
    if (alert.kind !== "coverage") facts.push([say("heard_by"), sensorNames(track?.sensors ?? alert.sensors, this.#world)]);
    if (track?.self_id) facts.push([say("self_id"), track.self_id]);
    const id = track?.uas_id ?? alert.uas_id;
    if (id) facts.push([say("id"), id]);
    if (alert.zone_name) facts.push([say("zone"), alert.zone_name]);
    if (alert.note) facts.push([say("note"), alert.note]);
    return facts;
  }

  // Whose track explains the alert. A swarm has none of its own: one of its drones answers for as long as it is heard.
  #whose(alert, more) {
    if (alert.track_id != null || alert.kind !== "spoofing") return alert.track_id;
    const members = new Set(this.#group.members.map((one) => one.track_id)), signs = alert.evidence?.remarks ?? [];
    const belongs = (track) => Boolean(track) && (members.has(track.track_id) || (track.suspect && signs.some((sign) => track.remarks.includes(sign))));
    if (!belongs(this.#world.tracks.get(more.member))) more.member = [...this.#world.tracks.values()].find(belongs)?.track_id ?? null;
    return more.member;
  }

  #showMembers(more) {
    const members = this.#group.members, shown = more.all ? members : members.slice(0, MEMBERS_SHOWN), left = members.length - shown.length;
    show(more.members, members.length > 0); text(more.heading, say("flood_members"));
    more.lines = new Map(shown.map((one) => [one.alert_id, more.lines.get(one.alert_id) ?? this.#memberLine(one.track_id)]));
    for (const one of shown) text(more.lines.get(one.alert_id).firstChild, memberWords(one, this.#world));
    arrange(more.list, [...more.lines.values()]);
    show(more.rest, left > 0); text(more.rest, say("and_more", { count: whole(left) }));
  }

  #memberLine(id) { return el("li", {}, el("button", { type: "button", onclick: () => this.#choose(id) })); }

  /** The record of what it is of now. */
  get record() { return this.#group.top.record_id; }

  /** A question is being answered on it: it stays as it is. */
  busy() { return this.#ask.childElementCount > 0; }

  /** What changes with time alone. */
  tick() {
    const alert = this.#group.top, track = this.#world.tracks.get(alert.track_id), opened = this.#world.age(alert.opened);
    const open = opened === null ? "" : ` · ${say("open_for", { time: duration(opened) })}`;
    text(this.#sentence, telling(alert, this.#world));
    this.#showPilot(alert, track);
    text(this.#meta, `${say("priority", { n: alert.priority })}${open}`);
    const seen = alert.track_id == null ? null : this.#world.age(track?.last_seen ?? alert.last_seen);
    text(this.#seen, seen === null ? "" : say("seen", { ago: ago(seen) }));
    dress(this.#seen, `seen${seen > STALE_S ? " stale" : seen > FADING_S ? " fading" : ""}`);
    if (this.#more !== null) this.#more.facts.update(this.#facts(alert, track));
  }
}
