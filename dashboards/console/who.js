// Who signs what is done here. The name stands in the bar; after a long pause, when another shift may have sat down, it is
// asked again before it signs anything.

import { byId, el, recall, remember, show, text } from "./page.js";
import { askName } from "./forms.js";
import { say } from "./words.js";

const PAUSE_MS = 4 * 3600 * 1000;

class Who {
  #form = byId("who-form"); #button = byId("who");

  constructor() {
    this.#button.addEventListener("click", () => (this.#form.hidden ? this.ask() : this.shut()));
    addEventListener("storage", () => this.draw());
  }

  /** The name last given, whether it may still sign or not. */
  last() { return recall("name"); }

  /** The name that signs now; null when it must be asked. */
  name() {
    const since = Date.now() - Number(recall("name_used") ?? 0);
    return since >= 0 && since < PAUSE_MS ? this.last() : null;
  }

  sign(name) { remember("name", name); remember("name_used", String(Date.now())); this.draw(); }

  /** Call ``then`` with the name, asked for in ``place`` first where it must be. */
  with(place, then) {
    const name = this.name();
    if (name) { this.sign(name); then(name); return; }
    askName(place, this.last(), (given) => { this.sign(given); then(given); });
  }

  ask() {
    show(this.#form, true); this.#form.setAttribute("aria-label", say("your_name"));
    askName(this.#form, null, (given) => { this.sign(given); this.shut(); }, () => this.shut());
  }

  shut() { this.#form.replaceChildren(); show(this.#form, false); this.#button.focus(); }

  draw() {
    const name = this.name();
    text(this.#button, name ?? say("sign_name"));
    this.#button.title = say("change_name");
    this.#button.setAttribute("aria-label", name ? `${say("signs", { name })}. ${say("change_name")}` : say("your_name"));
    this.#button.classList.toggle("unsigned", name === null);
  }
}

export const who = new Who();
