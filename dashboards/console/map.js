// The map: a still ground under a moving overlay. North is up and stays up. Choosing a drone moves the view only where it
// would not be seen, and leaving it brings the view back.

import { Ground, style } from "./ground.js";
import { Overlay, projection } from "./overlay.js";
import { byId, el } from "./page.js";
import { known, lonLat } from "./places.js";
import { say } from "./words.js";
import { zoneNames } from "./zone_names.js";

const REACH_PX = 16, MARGIN_PX = 60, MOVE_MS = 400, WALL_SCALE = 1.5;
const RESIZE_MS = 300;  // a banner that comes and goes shall not draw the ground anew twice

export class Picture {
  #map; #ground = null; #overlay; #pending = null; #names = []; #home; #before = null; #buttons = []; #zones = null;
  #asked = false; #scale = 1; #resizing = null;
  #at = { width: 0, height: 0 };  // asked of the page only when it may have changed: asking lays it out anew

  /** Throws when the device has no WebGL. */
  constructor(container, { centre, zoom, tiles, large, select, place, loaded }) {
    this.#home = { center: centre, zoom };
    const map = this.#map = new globalThis.maplibregl.Map({
      container, center: centre, zoom, style: style(tiles), attributionControl: false, dragRotate: false, pitchWithRotate: false,
      touchPitch: false, renderWorldCopies: false, fadeDuration: 0, maxPitch: 0, trackResize: false,
      locale: { "Map.Title": say("map") },
    });
    this.#scale = large ? WALL_SCALE : 1;
    this.#overlay = new Overlay(container, this.#scale);
    map.touchZoomRotate.disableRotation(); map.keyboard.disableRotation();
    if (!large) this.#controls(container);
    map.addControl(new globalThis.maplibregl.ScaleControl({ unit: "metric", maxWidth: 140 }), "bottom-right");
    map.on("load", () => { this.#ground = new Ground(map); this.#measure(); this.#moved(); this.#show(); map.once("idle", loaded); });
    map.on("move", () => this.#drawSoon());
    map.on("moveend", () => this.#moved());
    new ResizeObserver(() => this.#resizeSoon()).observe(container);
    map.on("resize", () => { this.#measure(); this.#moved(); });
    for (const event of ["dragstart", "wheel", "zoomstart"]) map.on(event, (change) => { if (change.originalEvent) this.#before = null; });
    map.on("click", (event) => this.#click(event, select, place));
    map.on("mousemove", (event) => { map.getCanvas().style.cursor = this.#hit(event.point) ? "pointer" : ""; });
  }

  update(world, ranks, selected) { this.#pending = { world, ranks, selected }; this.#show(); }
  resize() { this.#map.resize(); }
  setTheme() { this.#ground?.setTheme(); this.#draw(); }
  get shapes() { return this.#overlay.shapes; }
  view() { const { lng, lat } = this.#map.getCenter(); return { centre: [lng, lat], zoom: this.#map.getZoom() }; }

  /** Make a place visible; where it is already, nothing moves. */
  reveal(thing) {
    if (!known(thing)) return;
    const { width, height } = this.#at, [x, y] = this.#projection().to(lonLat(thing));
    if (x > MARGIN_PX && y > MARGIN_PX && x < width - MARGIN_PX && y < height - MARGIN_PX) return;
    this.#before ??= { center: this.#map.getCenter(), zoom: this.#map.getZoom() };
    this.#move({ center: lonLat(thing) });
  }

  /** Back to where the view was before something was revealed, unless the reader has moved it since. */
  restore() { if (this.#before) { this.#move(this.#before); this.#before = null; } }
  home() { this.#before = null; this.#move(this.#home); }

  /** The words of what can be pressed, in the language of now. */
  words() {
    for (const [button, word] of this.#buttons) { button.title = say(word); button.setAttribute("aria-label", say(word)); }
    this.#map.getCanvas().setAttribute("aria-label", say("map"));
  }

  #move(view) { this.#map.easeTo({ ...view, duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : MOVE_MS }); }

  #controls(container) {
    const acts = [["zoom_in", "+", () => this.#map.zoomIn()], ["zoom_out", "−", () => this.#map.zoomOut()], ["home", "⌂", () => this.home()]];
    this.#buttons = acts.map(([word, sign, act]) => [el("button", { type: "button", onclick: act, class: word }, sign), word]);
    container.parentElement.append(el("div", { id: "map-buttons" }, ...this.#buttons.map(([button]) => button)));
    this.words();
  }

  #measure() { const { clientWidth: width, clientHeight: height } = this.#map.getContainer(); this.#at = { width, height }; }
  #projection() { const { width, height } = this.#at; return projection(this.#map.getCenter(), this.#map.getZoom(), width, height); }

  #show() {
    if (this.#ground === null || this.#pending === null) return;
    const { world } = this.#pending;
    this.#ground.update(world);
    if (this.#zones !== world.zones) { this.#zones = world.zones; this.#name(); }
    this.#draw();
  }

  #resizeSoon() { clearTimeout(this.#resizing); this.#resizing = setTimeout(() => this.#map.resize(), RESIZE_MS); }

  #drawSoon() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => { this.#asked = false; this.#draw(); });
  }

  #draw() {
    if (this.#ground === null || this.#pending === null) return;
    const { world, ranks, selected } = this.#pending, { to } = this.#projection(), { width, height } = this.#at;
    if (width === 0 || height === 0) return;
    const names = this.#names.map(({ name, at }) => ({ name, at: to(at) }));
    this.#overlay.draw(world, { width, height, centre: this.#map.getCenter(), zoom: this.#map.getZoom() }, { names, ranks, selected });
  }

  #name() { if (this.#pending) this.#names = zoneNames(this.#pending.world, this.#projection().to, this.#at, this.#scale); }
  #moved() { if (this.#ground === null) return; this.#ground.grid(); this.#name(); this.#draw(); }

  #hit({ x, y }) {
    const near = this.#overlay.places.map(([px, py, id]) => [Math.hypot(px - x, py - y), id]).filter(([far]) => far <= REACH_PX);
    return near.sort((a, b) => a[0] - b[0])[0]?.[1];
  }

  #click(event, select, place) {
    const id = this.#hit(event.point);
    if (id) select(id);
    else if (this.#ground !== null) place(this.#ground.at(event.point));
  }
}

/** Say that there is no map, and why. */
export function noMap(error) { console.warn("no map", error); byId("map-message").hidden = false; byId("map").hidden = true; }
