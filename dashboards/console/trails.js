// The way each drone came, as few points as tell it: on a straight stretch only its two ends are kept.

const POINTS_MAX = 200, STRAIGHT_DEG = 3e-5;  // about three metres

export class Trails {
  #ways = new Map();

  /** @param {Map<string, object>} tracks those that are live */
  take(tracks) {
    for (const id of this.#ways.keys()) if (!tracks.has(id)) this.#ways.delete(id);
    for (const [id, track] of tracks) {
      if (track.latitude_deg == null || track.longitude_deg == null) continue;
      const way = this.#ways.get(id) ?? [];
      if (way.length === 0) this.#ways.set(id, way);
      extend(way, [track.longitude_deg, track.latitude_deg]);
    }
  }

  /** @returns {number[][]} longitude and latitude, oldest first */
  of(id) { return this.#ways.get(id) ?? []; }
}

function extend(way, point) {
  const last = way.at(-1), before = way.at(-2);
  if (last && last[0] === point[0] && last[1] === point[1]) return;
  if (before && straight(before, last, point)) way.pop();
  way.push(point);
  if (way.length > POINTS_MAX) way.shift();
}

// How far the middle point lies off the line between the others, and that it lies between them.
function straight([ax, ay], [bx, by], [cx, cy]) {
  const dx = cx - ax, dy = cy - ay, long = Math.hypot(dx, dy), along = (bx - ax) * dx + (by - ay) * dy;
  if (long === 0 || along < 0 || along > long * long) return false;
  return Math.abs((bx - ax) * dy - (by - ay) * dx) / long < STRAIGHT_DEG;
}
