// One alert card, from top to bottom as an officer needs it. It is built once and then only its texts change, so a finger
// on a button or a name half typed is never disturbed by the next picture. What is folded is neither built nor computed.

import { Acts } from "./acts.js";
import { styleOf, mark, repaint } from "./marks.js";
import { ago, duration, whole } from "./numbers.js";
import { dress, el, Facts, show, text } from "./page.js";
import { known } from "./places.js";
import { coverageWords, droneWords, noticeWords, outcomeWords, pilotOf, pilotWords, placeOf, reopenedWords, sensorNames } from "./telling.js";
import { waits } from "./world.js";
import { Why } from "./why.js";
import { say, sentence } from "./words.js";
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

/** What the alert says; of a silent sensor what the sensors say now. */
export function telling(alert, world) {
  return (alert.kind === "coverage" && coverageWords(alert, world)) || sentence(alert);
}

export function takenWords(alerts) {
  const taken = alerts.find((alert) => alert.taken_by), handed = alerts.find((alert) => alert.handed_over_by && !alert.taken_by);
  const from = taken?.evidence?.taken_over_from;
  if (taken) return `${say("taken_by", { name: taken.taken_by })}${from ? ` (${say("taken_from", { name: from })})` : ""}`;
  if (!handed) return say("not_taken");
  const to = handed.handed_over_to && say("handed_to", { name: handed.handed_over_to });
  return [[say("handed_by", { name: handed.handed_over_by }), to].filter(Boolean).join(" "), handed.note].filter(Boolean).join(" · ");
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
    this.#group = group;
    const { top: alert, alerts } = group, track = this.#world.tracks.get(alert.track_id), name = markOf(alerts, track);
    const fresh = group.life === "open" && !alerts.some((one) => one.taken_by);
    dress(this.root, ["card", name, group.life, open && "open", selected && "selected", fresh && "new", waits(alert) && "waits"].filter(Boolean).join(" "));
    if (this.root.dataset.key !== group.key) this.root.dataset.key = group.key;
    this.head.setAttribute("aria-expanded", String(open));
    repaint(this.#mark, name);
    text(this.#rank, group.life === "open" ? String(rank) : "✓");
    this.#showLife(alert);
    this.#showPilot(alert, track, name);
    text(this.#taken, takenWords(alerts));
    if (open) this.#unfold(); else if (this.#more !== null) this.#fold();
    this.tick();
  }

  #showLife(alert) {
    const words = this.#group.life === "handled" ? say("handled_as", { outcome: outcomeWords(alert.outcome) })
      : waits(alert) ? say("waits_outcome") : reopenedWords(alert);
    show(this.#life, words !== ""); text(this.#life, words);
  }

  #showPilot(alert, track, name) {
    show(this.pilotBox, alert.track_id != null);
    if (alert.track_id == null) return;
    const pilot = pilotOf(alert, track), words = pilotWords(pilot, placeOf(alert, track), this.#world.status?.mode, !track);
    text(this.#pilot, words.title); text(this.#pilotKind, words.kind);
    const kind = known(pilot) ? pilot.kind : null, pinned = ["live", "takeoff", "claimed"].includes(kind);
    show(this.#pilotMark, pinned); show(this.#geo, kind !== null);
    if (pinned) repaint(this.#pilotMark, `pin-${kind}-${name}`);
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
    const acts = this.#acts, more = { others: el("ul", { class: "others" }), facts: new Facts(), why: new Why(), members: el("div", { class: "members" }), member: null };
    this.more.append(more.others, more.facts.root, more.members, more.why.root);
    this.foot.append(el("div", { class: "actions" }, button("take", () => acts.take(), "primary"), button("over", () => acts.takeOver()),
      button("hand", () => acts.handOver()), button("end", () => acts.outcome()), button("undo", () => acts.undo(), "primary")));
    return more;
  }

  #fold() { this.more.replaceChildren(); this.foot.querySelector(".actions")?.remove(); this.#ask.replaceChildren(); text(this.#answer, ""); this.#more = null; }

  #facts(alert, track) {
    const facts = [];
    if (alert.count != null) facts.push([say("drone"), say("n_drones", { count: whole(alert.count) })]);
    if (alert.track_id != null) facts.push([say("drone"), droneWords(alert, track, this.#world)], [say("notice"), noticeWords(alert)]);
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
    const members = this.#group.members, shown = members.slice(0, MEMBERS_SHOWN), key = shown.map((one) => one.alert_id).join() + members.length;
    if (more.members.dataset.key === key) return;
    more.members.dataset.key = key;
    const line = (one) => el("li", {}, el("button", { type: "button", onclick: () => this.#choose(one.track_id) }, `${one.uas_id ?? say("drone")}: ${sentence(one)}`));
    const rest = members.length > shown.length ? el("p", {}, say("and_more", { count: whole(members.length - shown.length) })) : null;
    more.members.replaceChildren(...(members.length ? [el("h4", {}, say("flood_members")), el("ul", {}, ...shown.map(line)), rest].filter(Boolean) : []));
  }

  /** A question is being answered on it: it stays as it is. */
  busy() { return this.#ask.childElementCount > 0; }

  /** What changes with time alone. */
  tick() {
    const alert = this.#group.top, track = this.#world.tracks.get(alert.track_id), opened = this.#world.age(alert.opened);
    const open = opened === null ? "" : ` · ${say("open_for", { time: duration(opened) })}`;
    text(this.#sentence, telling(alert, this.#world));
    text(this.#meta, `${say("priority", { n: alert.priority })}${open}`);
    const seen = alert.track_id == null ? null : this.#world.age(track?.last_seen ?? alert.last_seen);
    text(this.#seen, seen === null ? "" : say("seen", { ago: ago(seen) }));
    dress(this.#seen, `seen${seen > STALE_S ? " stale" : seen > FADING_S ? " fading" : ""}`);
    if (this.#more !== null) this.#more.facts.update(this.#facts(alert, track));
  }
}
