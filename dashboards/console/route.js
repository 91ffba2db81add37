// What is open stands in the address, so that it can be sent to a colleague, and Back closes it instead of leaving.
// #drone=ID, #alert=ID (also of a record), #map on a phone.

/** @typedef {{kind: "drone" | "alert" | "map", id: string}} Target */

const KINDS = new Set(["drone", "alert", "map"]);

/** @returns {?Target} */
export function parse(hash) {
  const [kind, ...rest] = hash.replace(/^#/, "").split("=");
  if (!KINDS.has(kind)) return null;
  try { return { kind, id: decodeURIComponent(rest.join("=")) }; } catch { return null; }
}

function write({ kind, id }) { return kind === "map" ? "#map" : `#${kind}=${encodeURIComponent(id)}`; }

export class Route {
  #apply;

  /** @param {(target: ?Target) => void} apply when the reader goes back or forth, or enters another address */
  constructor(apply) {
    this.#apply = apply;
    addEventListener("popstate", () => this.#apply(parse(location.hash)));
  }

  now() { return parse(location.hash); }

  /** Something is open now. The first that is opened is a step to come back from; what follows replaces it. */
  open(target) {
    if (location.hash === write(target)) return;
    const act = history.state?.airspace ? "replaceState" : "pushState";
    history[act]({ airspace: true }, "", write(target));
  }

  /** Nothing is open any more. */
  close() {
    if (history.state?.airspace) history.back();
    else if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  }
}
