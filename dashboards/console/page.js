// Building the page. Text enters as textContent only: whatever a drone says of itself stays text.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick" || name === "onsubmit") element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function text(element, value) { if (element.textContent !== value) element.textContent = value; }
export function show(element, visible) { if (element.hidden === visible) element.hidden = !visible; }
export function dress(element, classes) { if (element.className !== classes) element.className = classes; }
export function byId(id) { return document.getElementById(id); }

// Remembering is a comfort: a browser that refuses storage still has a working page.
export function remember(key, value) { try { localStorage.setItem(`airspace.${key}`, value); } catch { /* not kept */ } }
export function recall(key) { try { return localStorage.getItem(`airspace.${key}`); } catch { return null; } }

/**
 * Make a parent hold these children in this order, moving only what stands elsewhere.
 * @param {HTMLElement} parent @param {HTMLElement[]} children
 */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const child of children) {
    if (at === child) at = at.nextElementSibling;
    else if (at?.nextElementSibling === child) { parent.append(at); at = child.nextElementSibling; }
    else parent.insertBefore(child, at);
  }
}

/** A list of names and values that changes only where a value did. */
export class Facts {
  #values = new Map();
  root = el("dl", { class: "facts" });

  /** @param {[string, string][]} facts name and value, both in words */
  update(facts) {
    const names = facts.map(([name]) => name).join("\n");
    if (names !== [...this.#values.keys()].join("\n")) {
      this.#values = new Map(facts.map(([name]) => [name, el("dd")]));
      this.root.replaceChildren(...[...this.#values].flatMap(([name, value]) => [el("dt", {}, name), value]));
    }
    for (const [name, value] of facts) text(this.#values.get(name), value);
  }
}
