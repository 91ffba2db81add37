// What of the map stands still: ground, tiles, grid, zones, what each sensor hears. MapLibre draws it, and only when it
// changes or the view moves: with software GL each drawing takes a third of a second.

import { hatch } from "./marks.js";
import { palette, ZONE, ZONE_FILL } from "./palette.js";
import { circle, collection, feature, known, lonLat } from "./places.js";

const STEPS_DEG = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], LINES_MAX = 8;

/** The style to begin with. @param {?{url: string, tile_size: number}} tiles */
export function style(tiles) {
  const background = { id: "ground", type: "background", paint: { "background-color": palette().ground } };
  if (!tiles) return { version: 8, sources: {}, layers: [background] };
  return {
    version: 8, sources: { tiles: { type: "raster", tiles: [tiles.url], tileSize: tiles.tile_size } },
    layers: [background, { id: "tiles", type: "raster", source: "tiles", paint: { "raster-opacity": 0.6, "raster-saturation": -0.6 } }],
  };
}

export class Ground {
  #map; #zones = null; #sensors = "";

  constructor(map) { this.#map = map; this.#layers(); }

  #layers() {
    const map = this.#map, legal = ["==", ["get", "kind"], "legal"], inForce = ["!=", ["get", "active"], false];
    for (const id of ["grid", "coverage", "zones"]) map.addSource(id, { type: "geojson", data: collection([]) });
    map.addImage("hatch", hatch(palette().quiet), { pixelRatio: 2 });
    const line = (id, source, paint, filter) => map.addLayer({ id, type: "line", source, paint, layout: { "line-join": "round" }, ...(filter && { filter }) });
    const shown = ["case", inForce, 1, 0.3];
    line("grid", "grid", { "line-color": palette().grid, "line-width": 1 });
    map.addLayer({ id: "coverage-down", type: "fill", source: "coverage", filter: ["!", ["get", "ok"]], paint: { "fill-pattern": "hatch" } });
    line("coverage", "coverage", { "line-color": "#8A8F98", "line-width": 1, "line-opacity": ["case", ["get", "ok"], 0.35, 0.9] });
    const filled = { "fill-color": ZONE.legal, "fill-opacity": ["case", ["all", legal, inForce], ZONE_FILL, 0] };
    map.addLayer({ id: "zone-fill", type: "fill", source: "zones", paint: filled });
    line("zone-legal", "zones", { "line-color": ZONE.legal, "line-width": 2, "line-opacity": shown }, legal);
    line("zone-alert", "zones", { "line-color": ZONE.alert_only, "line-width": 2, "line-dasharray": [3, 2], "line-opacity": shown }, ["!", legal]);
  }

  setTheme() {
    this.#map.setPaintProperty("ground", "background-color", palette().ground);
    this.#map.setPaintProperty("grid", "line-color", palette().grid);
    this.#map.updateImage("hatch", hatch(palette().quiet));
  }

  /** Only what changed goes to the map. */
  update(world) {
    if (world.zones !== null && this.#zones !== world.zones) { this.#zones = world.zones; this.#put("zones", world.zones.features); }
    const placed = world.sensors.filter((sensor) => known(sensor) && sensor.range_m);
    const key = placed.map((sensor) => [sensor.sensor_id, ...lonLat(sensor), sensor.range_m, sensor.ok].join()).join(";");
    if (key === this.#sensors) return;
    this.#sensors = key;
    this.#put("coverage", placed.map((sensor) => feature("Polygon", [circle(lonLat(sensor), sensor.range_m)], { ok: sensor.ok })));
  }

  /** Meridians and parallels at a round step, at most eight across the view. */
  grid() {
    const bounds = this.#map.getBounds(), [w, e, s, n] = [bounds.getWest(), bounds.getEast(), bounds.getSouth(), bounds.getNorth()];
    const step = STEPS_DEG.find((size) => (e - w) / size <= LINES_MAX) ?? STEPS_DEG.at(-1), lines = [];
    for (let x = Math.floor(w / step) * step; x <= e; x += step) lines.push(feature("LineString", [[x, s], [x, n]], {}));
    for (let y = Math.floor(s / step) * step; y <= n; y += step) lines.push(feature("LineString", [[w, y], [e, y]], {}));
    this.#put("grid", lines);
  }

  /** The zones whose ground is at this point of the screen. */
  at(point) {
    const zones = this.#map.queryRenderedFeatures(point, { layers: ["zone-fill"] });
    return [...new Map(zones.map((zone) => [zone.properties.zone_id ?? zone.properties.name, zone.properties])).values()];
  }

  #put(id, features) { this.#map.getSource(id).setData(collection(features)); }
}
