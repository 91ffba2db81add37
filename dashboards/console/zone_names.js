// Where the zones' names stand: on the outline, at the highest point that is well inside the view and free of sensors.

import { known, lonLat, outlines } from "./places.js";

const ZONES_MAX = 200, LETTERS = 28, STEP_PX = 24, STEPS_MAX = 200;

function shorten(name) { return name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name; }

/**
 * @param {(lonLat: number[]) => number[]} to pixels @param {number} scale of the letters
 * @returns {{name: string, at: number[]}[]} ``at`` in degrees
 */
export function zoneNames(world, to, { width, height }, scale) {
  const best = new Map(), margin = Math.min(130, width / 4);
  const sensors = world.sensors.filter(known).map((sensor) => to(lonLat(sensor)));
  const free = (x, y) => sensors.every(([sx, sy]) => Math.abs(sx - x) > 120 * scale || Math.abs(sy - y) > 40 * scale);
  const fits = (x, y) => x > margin && x < width - margin && y > 24 && y < height - 60;
  for (const zone of (world.zones?.features ?? []).slice(0, ZONES_MAX)) {
    if (zone.properties.active === false) continue;  // a click says what it is
    const name = shorten(zone.properties.name ?? zone.properties.zone_id ?? "");
    for (const [lon, lat] of along(outlines(zone.geometry), to)) {
      const [x, y] = to([lon, lat]), had = best.get(name);
      if (fits(x, y) && (had === undefined || y < had.y) && free(x, y)) best.set(name, { y, at: [lon, lat] });
    }
  }
  return [...best].map(([name, { at }]) => ({ name, at }));
}

function* along(rings, to) {
  for (const ring of rings) {
    for (let index = 1; index < ring.length; index += 1) {
      const [a, b] = [ring[index - 1], ring[index]], [ax, ay] = to(a), [bx, by] = to(b);
      const steps = Math.max(1, Math.min(STEPS_MAX, Math.ceil(Math.hypot(bx - ax, by - ay) / STEP_PX)));
      for (let step = 0; step < steps; step += 1) yield [a[0] + (b[0] - a[0]) * step / steps, a[1] + (b[1] - a[1]) * step / steps];
    }
  }
}
