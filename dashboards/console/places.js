// Places over a few kilometres: a sphere of the earth's mean radius, good to 0.5 %. For pictures and words only; what is
// decided was decided by the service on the ellipsoid.

const RADIUS_M = 6371008.8;
const rad = (degrees) => degrees * Math.PI / 180;

export function known(thing) { return thing != null && thing.latitude_deg != null && thing.longitude_deg != null; }
export function lonLat(thing) { return [thing.longitude_deg, thing.latitude_deg]; }

export function bearingAndDistance(from, to) {
  const [lon1, lat1, lon2, lat2] = [...lonLat(from), ...lonLat(to)].map(rad);
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin((lon2 - lon1) / 2) ** 2;
  const y = Math.sin(lon2 - lon1) * Math.cos(lat2);
  const x = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(lon2 - lon1);
  return [(Math.atan2(y, x) * 180 / Math.PI + 360) % 360, 2 * RADIUS_M * Math.asin(Math.sqrt(h))];
}

export function away([lon, lat], bearing, metres) {
  const north = metres * Math.cos(rad(bearing)) / RADIUS_M, east = metres * Math.sin(rad(bearing)) / RADIUS_M;
  return [lon + east / Math.cos(rad(lat)) * 180 / Math.PI, lat + north * 180 / Math.PI];
}

export function circle(centre, metres, steps = 64) {
  return Array.from({ length: steps + 1 }, (_, step) => away(centre, step * 360 / steps, metres));
}

export function sector(centre, bearing, halfWidth, metres) {
  const arc = Array.from({ length: 13 }, (_, step) => away(centre, bearing - halfWidth + step * halfWidth / 6, metres));
  return [centre, ...arc, centre];
}

export function ellipse(centre, major, minor, axis, steps = 64) {
  return Array.from({ length: steps + 1 }, (_, step) => {
    const turn = rad(step * 360 / steps), along = major * Math.cos(turn), across = minor * Math.sin(turn);
    return away(centre, axis + Math.atan2(across, along) * 180 / Math.PI, Math.hypot(along, across));
  });
}

export function feature(type, coordinates, properties) {
  return { type: "Feature", geometry: { type, coordinates }, properties };
}
export function collection(features) { return { type: "FeatureCollection", features }; }

export function outlines(geometry) {
  if (geometry?.type === "Polygon") return [geometry.coordinates[0]];
  if (geometry?.type === "MultiPolygon") return geometry.coordinates.map((polygon) => polygon[0]);
  return [];
}

// Whether a place lies in an outline: how often a line to the east crosses it.
function lies([lon, lat], outline) {
  const crosses = ([lon1, lat1], [lon2, lat2]) => lat1 > lat !== lat2 > lat && lon < lon1 + (lat - lat1) * (lon2 - lon1) / (lat2 - lat1);
  return outline.filter((corner, index) => index > 0 && crosses(outline[index - 1], corner)).length % 2 === 1;
}

// Seconds until a drone that keeps its course reaches the nearest corner of a zone, 0 in it; null when it does not come closer.
export function secondsTo(track, zone) {
  if (!known(track)) return null;
  if (outlines(zone.geometry).some((outline) => lies(lonLat(track), outline))) return 0;
  if (!(track.speed_m_s > 1) || track.track_deg == null) return null;
  let best = null;
  for (const corner of outlines(zone.geometry).flat()) {
    const [bearing, metres] = bearingAndDistance(track, { longitude_deg: corner[0], latitude_deg: corner[1] });
    const closing = track.speed_m_s * Math.cos(rad(bearing - track.track_deg));
    if (closing > 1) best = Math.min(best ?? Infinity, metres / closing);
  }
  return best;
}

// The thing with a name that is nearest to a place: what stands inside a guarded outline, a sensor, else the city itself.
export function landmark(place, world) {
  const found = [];
  for (const zone of world.zones?.features ?? []) {
    if (zone.properties.role === "bowl" && zone.properties.name) found.push({ name: zone.properties.name, at: middle(zone.geometry) });
  }
  if (found.length === 0) for (const sensor of world.sensors) if (known(sensor)) found.push({ name: sensor.name, at: sensor });
  const [longitude_deg, latitude_deg] = world.status?.centre ?? [];
  if (found.length === 0 && latitude_deg != null) found.push({ name: world.status.city, at: { latitude_deg, longitude_deg } });
  const distances = found.filter(({ at }) => at !== null).map((one) => [bearingAndDistance(one.at, place)[1], one]);
  return distances.sort((a, b) => a[0] - b[0])[0]?.[1] ?? null;
}

function middle(geometry) {
  const corners = outlines(geometry).flat(), lons = corners.map(([lon]) => lon), lats = corners.map(([, lat]) => lat);
  if (corners.length === 0) return null;
  const half = (values) => (Math.min(...values) + Math.max(...values)) / 2;
  return { latitude_deg: half(lats), longitude_deg: half(lons) };
}
