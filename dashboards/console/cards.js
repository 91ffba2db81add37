// The cards in their order. A card stays the same element for as long as its drone is on the list, and longer where a
// question stands open on it: then it says that it is over, and no other card opens under the reader's finger.

import { Card } from "./card.js";
import { arrange } from "./page.js";

export class Cards {
  #cards = new Map(); #place; #acts; #world; #ended = new Map();

  /** @param {{choose: (key: string) => void, leave: () => void, go: (id: string) => void, draw: () => void}} acts */
  constructor(place, world, acts) { this.#place = place; this.#world = world; this.#acts = acts; }

  update(groups, selected, phone) {
    const keys = new Set(groups.map((group) => group.key));
    this.#end(keys);
    const chosen = keys.has(selected) || this.#ended.size > 0;
    const roots = groups.map((group, index) => {
      const card = this.#cards.get(group.key) ?? this.#make(group.key);
      const first = !phone && index === 0 && group.life === "open";
      const open = card.busy() || (chosen ? selected === group.key : first);
      card.update(group, index + 1, open, selected === group.key);
      return card.root;
    });
    for (const [key, at] of this.#ended) roots.splice(at, 0, this.#cards.get(key).root);
    arrange(this.#place, roots);
  }

  /** It is over, and its reader has not been led away from it yet. */
  holds(key) { return this.#ended.has(key); }

  // What is no longer on the list goes; a card with an open question stays where it stood, and says so.
  #end(keys) {
    for (const [key, card] of this.#cards) {
      if (keys.has(key)) { if (this.#ended.delete(key)) card.root.querySelector(".ask").replaceChildren(); continue; }
      if (this.#ended.has(key)) continue;
      const over = card.busy() ? this.#world.alerts.get(card.record) : undefined;
      if (over === undefined) { this.#cards.delete(key); continue; }
      this.#ended.set(key, [...this.#place.children].indexOf(card.root));
      card.end(over, () => { this.#ended.delete(key); this.#acts.draw(); });
    }
  }

  #make(key) {
    const { choose, leave, go } = this.#acts, card = new Card(this.#world, { choose: () => choose(key), leave, go });
    this.#cards.set(key, card);
    return card;
  }

  tick() { for (const [key, card] of this.#cards) if (!this.#ended.has(key)) card.tick(); }
  scrollTo(key) { this.#cards.get(key)?.root.scrollIntoView({ block: "nearest" }); }
}
