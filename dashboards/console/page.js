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
export function byId(id) { return document.getElementById(id); }

// Remembering is a comfort: a browser that refuses storage still has a working page.
export function remember(key, value) { try { localStorage.setItem(`airspace.${key}`, value); } catch { /* not kept */ } }
export function recall(key) { try { return localStorage.getItem(`airspace.${key}`); } catch { return null; } }

export function ground() { return getComputedStyle(document.documentElement).getPropertyValue("--panel").trim() || "#14242E"; }
