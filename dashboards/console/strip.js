// On a phone an open card covers the list. The strip above it says the state, and how many others there are and how many
// of them came since; a touch leads back.

import { stateWord } from "./bar.js";
import { repaint, mark } from "./marks.js";
import { whole } from "./numbers.js";
import { byId, dress, el, show, text } from "./page.js";
import { say } from "./words.js";

// Marks that can be read on the colour of their state.
const MARKS = { clear: "clear", watch: "wall_watch", drone_near: "wall_drone_near", over_crowd: "over_crowd" };

export class Strip {
  #world; #root = byId("strip"); #mark = mark(null, 28); #state = el("strong"); #others = el("span", { class: "others-count" });
  #fresh = el("span", { class: "fresh" }); #known = new Set();

  /** @param {() => void} back to the list */
  constructor(world, back) {
    this.#world = world;
    this.#root.append(this.#mark, this.#state, this.#others, this.#fresh);
    this.#root.addEventListener("click", back);
  }

  /** A card was opened: what there is now is not new. */
  begin() { this.#known = new Set(this.#world.groups().map((group) => group.key)); }

  draw(selected) {
    show(this.#root, selected !== null);
    if (selected === null) return;
    const others = this.#world.groups().filter((group) => group.life === "open" && group.key !== selected);
    const fresh = others.filter((group) => !this.#known.has(group.key)).length, state = this.#world.state();
    dress(this.#root, `${state}${fresh > 0 ? " has-new" : ""}`);
    repaint(this.#mark, MARKS[state] ?? "coverage");
    text(this.#state, stateWord(state));
    const count = others.length;
    text(this.#others, count === 0 ? say("strip_none") : count === 1 ? say("strip_one") : say("strip_more", { count: whole(count) }));
    show(this.#fresh, fresh > 0); text(this.#fresh, say("strip_new", { count: whole(fresh) }));
  }
}
