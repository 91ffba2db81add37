// The cards in their order. A card stays the same element for as long as its drone is on the list.

import { Card } from "./card.js";
import { arrange } from "./page.js";

export class Cards {
  #cards = new Map(); #place; #acts; #world;

  /** @param {{choose: (key: string) => void, leave: () => void, go: (id: string) => void}} acts */
  constructor(place, world, acts) { this.#place = place; this.#world = world; this.#acts = acts; }

  update(groups, selected, phone) {
    const keys = new Set(groups.map((group) => group.key)), chosen = keys.has(selected);
    for (const key of this.#cards.keys()) if (!keys.has(key)) this.#cards.delete(key);
    const roots = groups.map((group, index) => {
      const card = this.#cards.get(group.key) ?? this.#make(group.key);
      const first = !phone && index === 0 && group.life === "open";
      const open = card.busy() || (chosen ? selected === group.key : first);
      card.update(group, index + 1, open, selected === group.key);
      return card.root;
    });
    arrange(this.#place, roots);
  }

  #make(key) {
    const { choose, leave, go } = this.#acts, card = new Card(this.#world, { choose: () => choose(key), leave, go });
    this.#cards.set(key, card);
    return card;
  }

  tick() { for (const card of this.#cards.values()) card.tick(); }
  scrollTo(key) { this.#cards.get(key)?.root.scrollIntoView({ block: "nearest" }); }
}
