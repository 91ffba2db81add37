// Two short tones, the second higher, at each worsening: something new, or what was there enters a ring, then a bowl, or
// becomes certain. A browser is silent until somebody has touched the page: then the switch asks for that.

import { byId, recall, remember, text } from "./page.js";
import { say } from "./words.js";

const STATES = ["watch", "drone_near", "over_crowd"], ROLES = ["none", "ring", "bowl"];
const VERDICTS = ["not_decidable", "situation", "suspected", "violation"];
const PITCHES_HZ = [660, 880], APART_S = 0.18, RISE_S = 0.02, FALL_S = 0.16, QUIET = 0.0001, LOUD = 0.25, WOKEN_MS = 500;

/** How grave one card is; a greater number is graver. */
export function gravity(alerts) {
  return Math.max(...alerts.map((alert) => 10 * ROLES.indexOf(alert.zone_role) + VERDICTS.indexOf(alert.verdict)));
}

/** Watches the picture for worsening. */
export class Worsening {
  #cards = null; #state = -1;

  /** @returns {boolean} whether anything is worse than at the last picture; the first picture is no worsening */
  look(groups, state) {
    const now = new Map(groups.map((group) => [group.key, group.life === "open" ? gravity(group.alerts) : -Infinity]));
    const known = this.#cards, rank = STATES.indexOf(state);
    const worse = known !== null && (rank > this.#state || [...now].some(([key, grave]) => grave > (known.get(key) ?? -Infinity)));
    this.#cards = now;
    if (state !== "no_live_data") this.#state = rank;
    return worse;
  }
}

export class Sound {
  #context = null; #on = recall("sound") === "on"; #changed; #played = 0; #wokenAt = -Infinity;

  /** @param {() => void} changed when it becomes able to sound, or is switched */
  constructor(changed) {
    this.#changed = changed;
    if (this.#on) { this.wake(); this.#wokenAt = -Infinity; }
    byId("sound").addEventListener("click", () => this.#press());
    for (const event of ["pointerdown", "keydown", "visibilitychange"]) document.addEventListener(event, () => this.wake());
  }

  /** On, yet the browser keeps it silent until somebody touches the page. */
  asks() { return this.#on && this.#context?.state !== "running"; }
  played() { return this.#played; }

  wake() {
    if (!this.#on) return;
    if (this.#context === null) { this.#context = new AudioContext(); this.#context.addEventListener("statechange", () => this.#changed()); }
    if (this.#context.state === "running") return;
    this.#wokenAt = performance.now();
    this.#context.resume().catch(() => {});
  }

  // The touch that wakes it does not switch it off as well.
  #press() {
    if (this.#on && (this.asks() || performance.now() - this.#wokenAt < WOKEN_MS)) { this.wake(); this.play(); return; }
    this.#on = !this.#on; remember("sound", this.#on ? "on" : "off");
    this.wake(); this.play(); this.#changed();
  }

  play() {
    if (!this.#on) return;
    this.#played += 1;
    if (this.#context?.state !== "running") return;
    PITCHES_HZ.forEach((pitch, index) => this.#tone(pitch, this.#context.currentTime + index * APART_S));
  }

  #tone(pitch, at) {
    const tone = this.#context.createOscillator(), volume = this.#context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(QUIET, at);
    volume.gain.exponentialRampToValueAtTime(LOUD, at + RISE_S);
    volume.gain.exponentialRampToValueAtTime(QUIET, at + FALL_S);
    tone.connect(volume).connect(this.#context.destination);
    tone.start(at); tone.stop(at + FALL_S + 0.01);
  }

  draw() {
    const button = byId("sound"), asks = this.asks();
    text(button, say(asks ? "touch_sound" : this.#on ? "sound_on" : "sound_off"));
    button.setAttribute("aria-pressed", String(this.#on)); button.classList.toggle("asks", asks);
  }
}
