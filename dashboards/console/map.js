// The map: zones, sensors and what they hear, drones, pilots. North is up and stays up.
// MapLibre draws; every text on it is a picture made in marks.js, so no name can become anything else.

import { circle, collection, ellipse, feature, known, lonLat, outlines, sector } from "./places.js";
import { badge, COLOUR, hatch, label, markNames, picture, styleOf, VERDICTS } from "./marks.js";

export const FADE_S = 10, GHOST_S = 30;
const SPEED_UNKNOWN_M_S = 15, RING_MAX_M = 5000, SECTOR_M = 6000, LABELS_MAX = 400, NAMED_ZONES = 200, NAME_LETTERS = 28;
const THEMES = {
  dark: { ground: "#0E1A22", text: "#E8EEF2", quiet: "#9FB0BB", grid: "#1D303C" },
  light: { ground: "#F3F6F7", text: "#12212B", quiet: "#4A5D69", grid: "#DCE4E8" },
};
const DIRECTED = new Set(["violation", "suspected"]);
const styleColour = ["match", ["get", "style"], ...VERDICTS.flatMap((name) => [name, COLOUR[name] ?? "#8A8F98"]), "#8A8F98"];
const SOURCES = ["grid", "coverage", "zones", "names", "sectors", "ellipses", "rings", "trails", "links", "sensors", "pilots", "drones"];

export function age(track, world) { return world.age(track.last_seen) ?? 0; }
export function fade(seconds) { return seconds > GHOST_S ? 0.35 : seconds > FADE_S ? 0.65 : 1; }

export class Picture {
  #map; #theme; #ready = false; #headings = new Map(); #pending = null; #labels = 0; #scale; #zones = null;

  // Throws when the device has no WebGL.
  constructor(container, { centre, zoom, theme, tiles, large, select, place, loaded }) {
    this.#theme = theme; this.#scale = large ? 1.5 : 1;
    this.#map = new globalThis.maplibregl.Map({
      container, center: centre, zoom, style: style(theme, tiles), attributionControl: false, dragRotate: false, pitchWithRotate: false,
      touchPitch: false, renderWorldCopies: false, fadeDuration: 0, maxPitch: 0,
    });
    const map = this.#map;
    map.touchZoomRotate.disableRotation(); map.keyboard.disableRotation();
    if (!large) map.addControl(new globalThis.maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new globalThis.maplibregl.ScaleControl({ unit: "metric", maxWidth: 140 }), "bottom-right");
    map.on("styleimagemissing", ({ id }) => this.#draw(id));
    map.on("load", () => { this.#pictures(); this.#layers(); this.#ready = true; this.#moved(); this.#show(); map.once("idle", loaded); });
    map.on("moveend", () => this.#moved());
    map.on("click", (event) => this.#click(event, select, place));
    map.on("mousemove", (event) => { if (this.#ready) map.getCanvas().style.cursor = this.#hit(event.point) ? "pointer" : ""; });
  }

  update(world, ranks, selected) { this.#pending = { world, ranks, selected }; this.#show(); }
  flyTo(thing) { if (known(thing)) this.#map.easeTo({ center: lonLat(thing), duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 400 }); }
  resize() { this.#map.resize(); }

  setTheme(theme) {
    this.#theme = theme;
    if (!this.#ready) return;
    const map = this.#map, { ground, grid } = THEMES[theme];
    map.setPaintProperty("ground", "background-color", ground); map.setPaintProperty("grid", "line-color", grid);
    for (const name of map.listImages()) if (/^(label|badge)\|/.test(name)) map.removeImage(name);
    this.#labels = 0; this.#pictures(); this.#moved(); this.#show();
  }

  #pictures() {
    const { ground, quiet } = THEMES[this.#theme], map = this.#map;
    const put = (name, image, pixelRatio) => (map.hasImage(name) ? map.updateImage(name, image) : map.addImage(name, image, { pixelRatio }));
    for (const name of markNames()) put(name, picture(name, ground, quiet), 2 / this.#scale);
    put("hatch", hatch(quiet), 2);
  }

  #draw(id) {  // "label|colour|text" and "badge|number", made when first needed
    const [kind, colour] = id.split("|", 2), { ground, text, quiet } = THEMES[this.#theme];
    if (kind === "badge") this.#map.addImage(id, badge(colour, text, ground), { pixelRatio: 2 / this.#scale });
    if (kind !== "label" || this.#labels >= LABELS_MAX) return;
    this.#labels += 1;
    this.#map.addImage(id, label(id.slice(kind.length + colour.length + 2), colour === "quiet" ? quiet : text, ground), { pixelRatio: 2 / this.#scale });
  }

  #layers() {
    const map = this.#map, { grid } = THEMES[this.#theme];
    for (const id of SOURCES) map.addSource(id, { type: "geojson", data: collection([]) });
    const line = (id, source, paint, filter, layout = {}) => map.addLayer({ id, type: "line", source, paint, layout: { "line-join": "round", ...layout }, ...(filter && { filter }) });
    const legal = ["==", ["get", "kind"], "legal"], inForce = ["!=", ["get", "active"], false], down = ["!", ["get", "ok"]];
    line("grid", "grid", { "line-color": grid, "line-width": 1 });
    map.addLayer({ id: "coverage-down", type: "fill", source: "coverage", filter: down, paint: { "fill-pattern": "hatch" } });
    line("coverage", "coverage", { "line-color": "#8A8F98", "line-width": 1, "line-opacity": ["case", ["get", "ok"], 0.35, 0.9] });
    map.addLayer({ id: "zone-fill", type: "fill", source: "zones", paint: { "fill-color": COLOUR.violation, "fill-opacity": ["case", ["all", legal, inForce], 0.08, 0] } });
    line("zone-legal", "zones", { "line-color": COLOUR.violation, "line-width": 2, "line-opacity": ["case", inForce, 1, 0.3] }, legal);
    line("zone-alert", "zones", { "line-color": COLOUR.suspected, "line-width": 2, "line-dasharray": [3, 2], "line-opacity": ["case", inForce, 1, 0.3] }, ["!", legal]);
    map.addLayer({ id: "sector", type: "fill", source: "sectors", paint: { "fill-color": COLOUR.bearing, "fill-opacity": 0.22 } });
    line("sector-edge", "sectors", { "line-color": COLOUR.bearing, "line-width": 2 });
    line("ellipses", "ellipses", { "line-color": COLOUR.bearing, "line-width": 2 });
    line("rings", "rings", { "line-color": styleColour, "line-width": 2, "line-opacity": 0.6, "line-dasharray": [1, 2] }, undefined, { "line-cap": "round" });
    line("trails", "trails", { "line-color": styleColour, "line-width": 2.5, "line-opacity": ["*", 0.6, ["get", "opacity"]] });
    line("links", "links", { "line-color": styleColour, "line-width": 1.2, "line-opacity": ["get", "opacity"] });
    map.addLayer({ id: "zone-name", type: "symbol", source: "names", layout: { "icon-image": ["concat", "label|text|", ["get", "name"]], "icon-padding": 6 } });
    map.addLayer({ id: "sensor-name", type: "symbol", source: "sensors", layout: { "icon-image": ["concat", "label|quiet|", ["get", "name"]], "icon-anchor": "top", "icon-offset": [0, 15 * this.#scale], "icon-padding": 0 } });
    map.addLayer({ id: "sensors", type: "symbol", source: "sensors", layout: { "icon-image": ["case", ["get", "ok"], "sensor", "sensor_down"], "icon-allow-overlap": true, "icon-padding": 0 } });
    map.addLayer({ id: "selected", type: "circle", source: "drones", filter: ["get", "selected"], paint: { "circle-radius": 24, "circle-opacity": 0, "circle-stroke-width": 2, "circle-stroke-color": styleColour } });
    const marks = { "icon-allow-overlap": true, "icon-padding": 0 };
    map.addLayer({ id: "pilots", type: "symbol", source: "pilots", layout: { ...marks, "icon-image": ["get", "mark"], "icon-offset": [0, -13] }, paint: { "icon-opacity": ["get", "opacity"] } });
    map.addLayer({ id: "drones", type: "symbol", source: "drones", layout: { ...marks, "icon-image": ["get", "style"], "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map", "symbol-sort-key": ["get", "order"] }, paint: { "icon-opacity": ["get", "opacity"] } });
    map.addLayer({ id: "badges", type: "symbol", source: "drones", filter: [">", ["get", "rank"], 0], layout: { ...marks, "icon-image": ["concat", "badge|", ["to-string", ["get", "rank"]]], "icon-offset": [20, -18] } });
  }

  #show() {
    if (!this.#ready || this.#pending === null) return;
    const { world, ranks, selected } = this.#pending;
    const put = (id, features) => this.#map.getSource(id).setData(collection(features));
    const tracks = [...world.tracks.values()].map((track) => ({ track, style: styleOf(track), seconds: age(track, world) }));
    const seen = tracks.filter(({ track }) => known(track));
    const piloted = tracks.filter(({ track }) => known(track.pilot) && track.pilot.kind !== "bearing");
    if (this.#zones !== world.zones) { this.#zones = world.zones; put("zones", world.zones.features); this.#names(); }
    const placed = world.sensors.filter(known);
    put("sensors", placed.map((sensor) => feature("Point", lonLat(sensor), { name: sensor.name, ok: sensor.ok })));
    put("coverage", placed.filter((sensor) => sensor.range_m).map((sensor) => feature("Polygon", [circle(lonLat(sensor), sensor.range_m)], { ok: sensor.ok })));
    this.shapes = {
      sectors: tracks.filter(({ track }) => !known(track) && track.bearing_deg != null).map(({ track }) => sectorOf(track)),
      ellipses: seen.filter(({ track }) => track.ellipse_major_m != null).map(({ track }) => ellipseOf(track)),
    };
    for (const [id, features] of Object.entries(this.shapes)) put(id, features);
    put("rings", seen.filter(({ seconds }) => seconds > GHOST_S).map(({ track, style, seconds }) => feature("LineString", circle(lonLat(track), ringRadius(track, seconds)), { style })));
    put("trails", seen.filter(({ track }) => (world.trails.get(track.track_id)?.length ?? 0) > 1).map(({ track, style, seconds }) => feature("LineString", world.trails.get(track.track_id), { style, opacity: fade(seconds) })));
    put("links", piloted.filter(({ track }) => known(track)).map(({ track, style, seconds }) => feature("LineString", [lonLat(track.pilot), lonLat(track)], { style, opacity: fade(seconds) * 0.8 })));
    put("pilots", piloted.map(({ track, style, seconds }) => feature("Point", lonLat(track.pilot), { id: track.track_id, mark: `pin-${track.pilot.kind}-${style}`, opacity: fade(seconds) })));
    put("drones", seen.map(({ track, style, seconds }) => this.#drone(track, style, seconds, ranks, selected)));
    for (const id of this.#headings.keys()) if (!world.tracks.has(id)) this.#headings.delete(id);
  }

  #drone(track, style, seconds, ranks, selected) {
    if (track.track_deg != null) this.#headings.set(track.track_id, track.track_deg);
    const heading = DIRECTED.has(style) ? this.#headings.get(track.track_id) ?? 0 : 0;
    const order = VERDICTS.length - VERDICTS.indexOf(style);
    return feature("Point", lonLat(track), { id: track.track_id, style, heading, order, opacity: fade(seconds), rank: ranks.get(track.track_id) ?? 0, selected: track.track_id === selected });
  }

  #moved() { if (this.#ready) { this.#grid(); this.#names(); } }

  // A zone's name stands on its outline, at the highest point that is well inside the view.
  #names() {
    const { clientWidth: width, clientHeight: height } = this.#map.getContainer(), names = new Map(), margin = Math.min(130, width / 4);
    const sensors = (this.#pending?.world.sensors ?? []).filter(known).map((sensor) => this.#map.project(lonLat(sensor)));
    const free = (x, y) => sensors.every((sensor) => Math.abs(sensor.x - x) > 120 || Math.abs(sensor.y - y) > 40);
    for (const zone of (this.#zones?.features ?? []).slice(0, NAMED_ZONES)) {
      if (zone.properties.active === false) continue;  // a click says what it is
      const name = shorten(zone.properties.name ?? zone.properties.zone_id ?? "");
      let best = names.get(name) ?? null;
      for (const [from, to] of outlines(zone.geometry).flatMap((ring) => ring.slice(1).map((end, index) => [ring[index], end]))) {
        const a = this.#map.project(from), b = this.#map.project(to), steps = Math.min(200, Math.ceil(Math.hypot(b.x - a.x, b.y - a.y) / 24));
        for (let step = 0; step < steps; step++) {
          const x = a.x + (b.x - a.x) * step / steps, y = a.y + (b.y - a.y) * step / steps;
          if (x > margin && x < width - margin && y > 24 && y < height - 60 && (best === null || y < best.y) && free(x, y)) best = { x, y };
        }
      }
      if (best) names.set(name, best);
    }
    const place = ({ x, y }) => { const { lng, lat } = this.#map.unproject([x, y]); return [lng, lat]; };
    this.#map.getSource("names").setData(collection([...names].map(([name, best]) => feature("Point", place(best), { name }))));
  }

  #grid() {  // meridians and parallels at a round step, at most eight across the view
    const bounds = this.#map.getBounds(), [w, e, s, n] = [bounds.getWest(), bounds.getEast(), bounds.getSouth(), bounds.getNorth()];
    const step = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10].find((size) => (e - w) / size <= 8) ?? 10;
    const lines = [];
    for (let x = Math.floor(w / step) * step; x <= e; x += step) lines.push(feature("LineString", [[x, s], [x, n]], {}));
    for (let y = Math.floor(s / step) * step; y <= n; y += step) lines.push(feature("LineString", [[w, y], [e, y]], {}));
    this.#map.getSource("grid").setData(collection(lines));
  }

  #hit({ x, y }) {
    const reach = 14;
    return this.#map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ["drones", "pilots"] })[0]?.properties.id;
  }

  #click(event, select, place) {
    if (!this.#ready) return;
    const id = this.#hit(event.point);
    if (id) { select(id); return; }
    const zones = this.#map.queryRenderedFeatures(event.point, { layers: ["zone-fill"] });
    place([...new Map(zones.map((zone) => [zone.properties.zone_id ?? zone.properties.name, zone.properties])).values()]);
  }
}

function shorten(name) { return name.length > NAME_LETTERS ? `${name.slice(0, NAME_LETTERS - 1)}…` : name; }

function ringRadius(track, seconds) {
  return Math.min(RING_MAX_M, (track.horizontal_accuracy_m ?? 10) + Math.max(track.speed_m_s ?? SPEED_UNKNOWN_M_S, 2) * seconds);
}

// Two standard deviations to either side: where it is in 95 of 100 cases, at whatever distance.
function sectorOf(track) {
  const from = [track.bearing_longitude_deg, track.bearing_latitude_deg];
  return feature("Polygon", [sector(from, track.bearing_deg, Math.max(2 * (track.bearing_accuracy_deg ?? 3), 1), SECTOR_M)], {});
}

function ellipseOf(track) {
  return feature("LineString", ellipse(lonLat(track), track.ellipse_major_m, track.ellipse_minor_m, track.ellipse_deg), {});
}

function style(theme, tiles) {
  const { ground } = THEMES[theme];
  const background = { id: "ground", type: "background", paint: { "background-color": ground } };
  if (!tiles) return { version: 8, sources: {}, layers: [background] };
  return {
    version: 8, sources: { tiles: { type: "raster", tiles: [tiles.url], tileSize: tiles.tile_size } },
    layers: [background, { id: "tiles", type: "raster", source: "tiles", paint: { "raster-opacity": 0.6, "raster-saturation": -0.6 } }],
  };
}
