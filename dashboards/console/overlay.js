// What of the map moves: trails, drones, pilots, sensors, names. It is drawn on a plain canvas over the still map, once
// for each picture: some milliseconds for hundreds of drones, and text on it can be nothing but text.

import { sprite, styleOf, VERDICTS, SIZE, SENSOR_SIZE } from "./marks.js";
import { palette } from "./palette.js";
import { ellipse, known, lonLat, sector } from "./places.js";

export const FADE_S = 10, GHOST_S = 30;
const SPEED_UNKNOWN_M_S = 15, RING_MAX_M = 5000, SECTOR_M = 6000, EARTH_M = 40075016.7, TILE_PX = 512;
const DIRECTED = new Set(["violation", "suspected"]), FONT = "600 15px system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/** How strongly something is drawn that was last heard so long ago. @param {?number} seconds */
export function fade(seconds) { return seconds === null || seconds > GHOST_S ? 0.35 : seconds > FADE_S ? 0.65 : 1; }

/** From degrees to pixels for a view that is north up and not tilted: web Mercator. */
export function projection({ lng, lat }, zoom, width, height) {
  const world = TILE_PX * 2 ** zoom, mercator = (degrees) => 0.5 - Math.asinh(Math.tan(degrees * Math.PI / 180)) / (2 * Math.PI);
  const x0 = width / 2 - (0.5 + lng / 360) * world, y0 = height / 2 - mercator(lat) * world;
  return {
    to: ([lon, at]) => [x0 + (0.5 + lon / 360) * world, y0 + mercator(at) * world],
    pixels: (metres, at) => metres * world / (EARTH_M * Math.cos(at * Math.PI / 180)),
  };
}

export class Overlay {
  #canvas; #ctx; #scale; #headings = new Map(); #size = [0, 0];
  shapes = { sectors: [], ellipses: [] };
  places = [];  // of what can be pressed: [x, y, id]

  /** @param {HTMLElement} container of the map @param {number} scale of the marks */
  constructor(container, scale) {
    this.#canvas = document.createElement("canvas"); this.#canvas.id = "overlay"; this.#canvas.setAttribute("aria-hidden", "true");
    this.#ctx = this.#canvas.getContext("2d", { willReadFrequently: true });  // drawn by the processor: what has no graphics card is slow to make one up
    this.#scale = scale;
    container.querySelector(".maplibregl-canvas-container").append(this.#canvas);
  }

  /** @param {{names: {name: string, at: number[]}[], ranks: Map<string, number>, selected: ?string}} more */
  draw(world, view, { names, ranks, selected }) {
    const { width, height, centre, zoom } = view, place = projection(centre, zoom, width, height);
    this.#begin(width, height);
    this.places = [];
    const tracks = [...world.tracks.values()].map((track) => {
      const seconds = world.age(track.last_seen), style = styleOf(track);
      return { track, style, seconds, opacity: fade(seconds), at: known(track) ? place.to(lonLat(track)) : null };
    }).sort((a, b) => VERDICTS.indexOf(b.style) - VERDICTS.indexOf(a.style));
    this.#sensors(world.sensors, place);
    this.#names(names);
    this.#direction(tracks, place);
    this.#ways(tracks, place, world.trails);
    const seen = tracks.filter(({ at }) => at !== null && at[0] > -50 && at[1] > -50 && at[0] < width + 50 && at[1] < height + 50);
    this.#pilots(tracks, place);
    for (const one of seen) this.#drone(one, selected);
    for (const one of seen) this.#badge(one, ranks);
    for (const id of this.#headings.keys()) if (!world.tracks.has(id)) this.#headings.delete(id);
    this.#ctx.globalAlpha = 1;
  }

  #begin(width, height) {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    if (this.#size[0] !== width * ratio || this.#size[1] !== height * ratio) {
      this.#size = [width * ratio, height * ratio];
      [this.#canvas.width, this.#canvas.height] = this.#size;
      this.#canvas.style.width = `${width}px`; this.#canvas.style.height = `${height}px`;
    }
    this.#ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#ctx.clearRect(0, 0, width, height);
    this.#ctx.lineJoin = this.#ctx.lineCap = "round";
  }

  #put(name, [x, y], size = SIZE, turn = 0) {
    const side = size * this.#scale, ctx = this.#ctx;
    if (turn === 0) { ctx.drawImage(sprite(name), x - side / 2, y - side / 2, side, side); return; }
    ctx.save(); ctx.translate(x, y); ctx.rotate(turn * Math.PI / 180);
    ctx.drawImage(sprite(name), -side / 2, -side / 2, side, side); ctx.restore();
  }

  #text(words, [x, y], colour, align = "center") {
    const ctx = this.#ctx;
    ctx.font = this.#scale > 1 ? FONT.replace("15px", "22px") : FONT; ctx.textAlign = align; ctx.textBaseline = "middle";
    ctx.lineWidth = 4; ctx.strokeStyle = palette().ground; ctx.strokeText(words, x, y);
    ctx.fillStyle = colour; ctx.fillText(words, x, y);
  }

  #sensors(sensors, place) {
    for (const sensor of sensors.filter(known)) {
      const at = place.to(lonLat(sensor));
      this.#put(sensor.ok ? "sensor" : "sensor_down", at, SENSOR_SIZE);
      this.#text(sensor.name, [at[0], at[1] + 20 * this.#scale], palette().quiet);
    }
  }

  #names(names) { for (const { name, at } of names) this.#text(name, at, palette().text); }

  #path(points, place, closed = false) {
    const ctx = this.#ctx;
    ctx.beginPath();
    points.forEach((point, index) => { const [x, y] = place.to(point); if (index) ctx.lineTo(x, y); else ctx.moveTo(x, y); });
    if (closed) ctx.closePath();
  }

  // Known by its direction only, or by an ellipse: where it may be.
  #direction(tracks, place) {
    const ctx = this.#ctx, blue = palette().mark.bearing;
    this.shapes = { sectors: [], ellipses: [] };
    for (const { track, at, opacity } of tracks) {
      ctx.globalAlpha = opacity; ctx.strokeStyle = ctx.fillStyle = blue; ctx.lineWidth = 2;
      if (at === null && track.bearing_deg != null) {
        const shape = sectorOf(track);
        this.shapes.sectors.push(shape); this.#path(shape, place, true);
        ctx.stroke(); ctx.globalAlpha = 0.22 * opacity; ctx.fill();
      } else if (at !== null && track.ellipse_major_m != null) {
        const shape = ellipse(lonLat(track), track.ellipse_major_m, track.ellipse_minor_m, track.ellipse_deg);
        this.shapes.ellipses.push(shape); this.#path(shape, place); ctx.stroke();
      }
    }
  }

  #ways(tracks, place, trails) {
    const ctx = this.#ctx, { mark } = palette();
    for (const { track, style, seconds, opacity, at } of tracks) {
      if (at === null) continue;
      ctx.strokeStyle = mark[style] ?? mark.unjudged;
      const way = trails.of(track.track_id);
      if (way.length > 1) { ctx.globalAlpha = 0.6 * opacity; ctx.lineWidth = 2.5; this.#path(way, place); ctx.stroke(); }
      if (seconds === null || seconds > GHOST_S) this.#ring(track, seconds ?? GHOST_S, at, place);
      if (known(track.pilot) && track.pilot.kind !== "bearing") {
        ctx.globalAlpha = 0.8 * opacity; ctx.lineWidth = 1.2; this.#path([lonLat(track.pilot), lonLat(track)], place); ctx.stroke();
      }
    }
  }

  #ring(track, seconds, [x, y], place) {
    const ctx = this.#ctx, metres = Math.min(RING_MAX_M, (track.horizontal_accuracy_m ?? 10) + Math.max(track.speed_m_s ?? SPEED_UNKNOWN_M_S, 2) * seconds);
    ctx.globalAlpha = 0.6; ctx.lineWidth = 2; ctx.setLineDash([2, 5]);
    ctx.beginPath(); ctx.arc(x, y, place.pixels(metres, track.latitude_deg), 0, 2 * Math.PI); ctx.stroke(); ctx.setLineDash([]);
  }

  #pilots(tracks, place) {
    for (const { track, style, opacity } of tracks) {
      if (!known(track.pilot) || track.pilot.kind === "bearing") continue;
      const at = place.to(lonLat(track.pilot));
      this.#ctx.globalAlpha = opacity;
      this.#put(`pin-${track.pilot.kind}-${style}`, [at[0], at[1] - 13 * this.#scale]);
      this.places.push([at[0], at[1] - 13 * this.#scale, track.track_id]);
    }
  }

  #drone({ track, style, opacity, at }, selected) {
    const ctx = this.#ctx, { mark } = palette();
    if (track.track_deg != null) this.#headings.set(track.track_id, track.track_deg);
    ctx.globalAlpha = opacity;
    this.#put(style, at, SIZE, DIRECTED.has(style) ? this.#headings.get(track.track_id) ?? 0 : 0);
    this.places.push([...at, track.track_id]);
    if (track.track_id !== selected) return;
    ctx.globalAlpha = 1; ctx.strokeStyle = mark[style] ?? mark.unjudged; ctx.lineWidth = 2;
    ctx.beginPath(); ctx.arc(at[0], at[1], 24 * this.#scale, 0, 2 * Math.PI); ctx.stroke();
  }

  // The card's number beside its drone.
  #badge({ track, opacity, at: [x, y] }, ranks) {
    const rank = ranks.get(track.track_id), ctx = this.#ctx, { text, ground } = palette(), scale = this.#scale;
    if (rank === undefined) return;
    ctx.globalAlpha = opacity; ctx.fillStyle = text; ctx.strokeStyle = ground; ctx.lineWidth = 1.5;
    ctx.beginPath(); ctx.arc(x + 20 * scale, y - 18 * scale, (rank > 99 ? 12 : 9.5) * scale, 0, 2 * Math.PI); ctx.fill(); ctx.stroke();
    ctx.fillStyle = ground; ctx.font = `700 ${13 * scale}px system-ui, 'Liberation Sans', sans-serif`; ctx.textAlign = "center"; ctx.textBaseline = "middle";
    ctx.fillText(String(rank), x + 20 * scale, y - 17.2 * scale);
  }
}

// Two standard deviations to either side: where it is in 95 of 100 cases, at whatever distance.
function sectorOf(track) {
  const from = [track.bearing_longitude_deg, track.bearing_latitude_deg];
  return sector(from, track.bearing_deg, Math.max(2 * (track.bearing_accuracy_deg ?? 3), 1), SECTOR_M);
}
