// What people do to alerts. One drone is one matter: what is done to its card is done to each of its alerts that it fits.

import { askHandOver, askOutcome, askTakeOver, OUTCOMES, SENSOR_OUTCOMES } from "./forms.js";
import { text } from "./page.js";
import { refusal, send } from "./server.js";
import { ownerWords } from "./telling.js";
import { who } from "./who.js";
import { lifeOf } from "./world.js";
import { say } from "./words.js";

let refused = () => {};

/** What to do when the access token is no longer right. */
export function onRefused(act) { refused = act; }

export class Acts {
  #world; #place; #answer; #alerts = [];

  /** @param {HTMLElement} place for questions @param {HTMLElement} answer for what came of it */
  constructor(world, place, answer) { this.#world = world; this.#place = place; this.#answer = answer; }

  /** @param {object[]} alerts of the card */
  of(alerts) { this.#alerts = alerts; }

  take() { this.#signed((by) => this.#send("acknowledge", this.#open().filter((alert) => !alert.taken_by), () => ({ by }))); }

  takeOver() {
    const taken = this.#open().find((alert) => alert.taken_by), owner = taken?.taken_by;
    if (owner) askTakeOver(this.#place, ownerWords(owner, taken.taken_since), owner, () => this.#replace());
  }

  handOver() { this.#signed((by) => askHandOver(this.#place, (given) => this.#send("hand_over", this.#open(), () => ({ by, ...given })))); }

  outcome() {
    this.#signed((by) => askOutcome(this.#place, this.#outcomes(), (given) => this.#send("close", this.#ending(), () => ({ by, ...given }))));
  }

  undo() { this.#signed((by) => this.#send("reopen", this.#alerts.filter((alert) => lifeOf(alert) === "handled"), () => ({ by }))); }

  #outcomes() { return this.#alerts.every((alert) => alert.kind === "coverage") ? SENSOR_OUTCOMES : OUTCOMES; }
  #open() { return this.#alerts.filter((alert) => lifeOf(alert) === "open"); }
  #ending() { const open = this.#open(); return open.length > 0 ? open : this.#alerts; }
  #signed(then) { text(this.#answer, ""); who.with(this.#place, then); }

  #replace() {
    this.#signed((by) => this.#send("acknowledge", this.#open(), (alert) => (alert.taken_by ? { by, instead_of: alert.taken_by } : { by })));
  }

  async #send(act, alerts, body) {
    text(this.#answer, say("sending"));
    const answers = await Promise.all(alerts.map((alert) => send(`alerts/${encodeURIComponent(alert.record_id)}/${act}`, body(alert))));
    const no = answers.find((answer) => !answer.ok);
    if (no?.status === 401) refused();
    const over = alerts.some((alert) => lifeOf(this.#world.alerts.get(alert.record_id) ?? {}) !== "open");
    const owner = no?.status === 409 && act === "acknowledge" && !over ? no.told.taken_by : null;
    text(this.#answer, no && !owner ? refusal(no.status) : "");
    if (owner) this.#taken(owner, no.told.since, alerts, answers);
  }

  // Another was faster: say who, since when, and leave it to a person whether he is to be replaced.
  #taken(owner, since, alerts, answers) {
    const left = alerts.map((alert, index) => ({ record_id: alert.record_id, owner: answers[index].told.taken_by, ok: answers[index].ok }));
    askTakeOver(this.#place, ownerWords(owner, since), owner, () => this.#signed((by) =>
      this.#send("acknowledge", left.filter((one) => !one.ok), (one) => ({ by, instead_of: one.owner ?? owner }))));
  }
}
