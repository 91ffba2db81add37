// Why a drone is judged as it is: asked when somebody wants to know, shown condition by condition, as text. What speaks
// against its signal stands sign by sign, each with what honest thing could show it too.

import { read } from "./server.js";
import { el, text } from "./page.js";
import { getLanguage, say } from "./words.js";

const SIGNS = new Map([[true, ["met", "✓"]], [false, ["not_met", "✗"]]]);

function words(told, name) { return told[`${name}_${getLanguage()}`] ?? ""; }

function conditions(list) {
  const sign = (one) => SIGNS.get(one.passed) ?? ["not_known", "?"];
  return el("ul", {}, ...list.map((one) => el("li", {}, `${say(sign(one)[0])} ${sign(one)[1]} ${words(one, "text")}`)));
}

// By which law; a rule that somebody here asked for has none, and that is not said.
function article(rule) {
  return /^none\b/i.test(rule.article ?? "none") ? "" : el("p", {}, `${say("rule")}: ${rule.article}`);
}

// How many signs and how strong, in words; each with its honest causes; what such a judgement is.
function signs(told) {
  if (told.shown.length === 0) return [];
  const honest = (one) => el("span", { class: "honest" }, `${say("honest")}: ${words(one, "honest")}`);
  const list = told.shown.map((one) => el("li", {}, words(one, "text"), honest(one)));
  return [el("h4", { class: "signs" }, words(told, "sentence")), el("ul", { class: "signs" }, ...list), el("p", { class: "honest" }, words(told, "scale"))];
}

// The rules that apply; where none does, the nearest.
export function spoken(rules) {
  const applying = rules.filter((rule) => rule.applies);
  return applying.length ? applying : rules.slice(0, 1);
}

export class Why {
  #track = null; #told = null; #shown = ""; #button; #place = el("div", { class: "why-list", role: "status" });

  constructor() {
    this.#button = el("button", { type: "button", class: "why", "aria-expanded": "false", onclick: () => (this.#told ? this.#close() : this.#ask()) });
    this.root = el("div", { class: "why-box" }, this.#button, this.#place);
  }

  // ``label`` is the word on the button.
  update(track, label = "why") {
    if (track !== this.#track) { this.#track = track; this.#close(); }
    this.root.hidden = track == null;
    text(this.#button, say(label));
    if (this.#told && this.#shown !== getLanguage()) this.#show();
  }

  async #ask() {
    const track = this.#track;
    text(this.#place, say("asking"));
    try {
      const told = await read(`tracks/${encodeURIComponent(track)}/explain`);
      if (track !== this.#track) return;
      this.#told = told; this.#show();
    } catch (error) { text(this.#place, say(error.status === 404 ? "why_gone" : "why_failed")); }
  }

  #show() {
    this.#shown = getLanguage();
    this.#button.setAttribute("aria-expanded", "true");
    const rules = spoken(this.#told.rules).map((rule) => [el("h4", {}, words(rule, "group_name")), conditions(rule.conditions), article(rule)]);
    const doubts = signs(this.#told.signs), signal = this.#told.signal.filter((one) => one.name !== "trusted" || doubts.length === 0);
    this.#place.replaceChildren(el("p", {}, words(this.#told, "sentence")), conditions(signal), ...doubts, ...rules.flat());
  }

  #close() { this.#told = null; this.#button.setAttribute("aria-expanded", "false"); this.#place.replaceChildren(); }
}
