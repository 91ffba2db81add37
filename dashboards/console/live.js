// The picture of now: what the service tells, with the service's clock. Nothing here touches the page.

const TRAIL_POINTS = 300;
const QUIET_MS = 12000;  // no event for so long: ask once; no answer: what is shown is old

export class World {
  tracks = new Map(); alerts = new Map(); sensors = []; zones = { type: "FeatureCollection", features: [] }; status = null; trails = new Map();
  lastHeard = null;  // by the service's clock, in ms
  connected = false;
  #offset = 0; #seen = new Set();

  now() { return Date.now() + this.#offset; }
  age(text) { return text == null ? null : Math.max(0, (this.now() - Date.parse(text)) / 1000); }
  complete() { return this.status !== null && this.#seen.has("tracks") && this.#seen.has("alerts"); }

  take(name, data) {
    this.#seen.add(name);
    if (name === "status") { this.status = data; this.#offset = Date.parse(data.time) - Date.now(); }
    else if (name === "tracks") this.#takeTracks(data);
    else if (name === "alerts") this.alerts = new Map(data.map((alert) => [alert.alert_id, alert]));
    else if (name === "alert") this.alerts.set(data.alert_id, data);
    else if (name === "sensors") this.sensors = data;
    else if (name === "zones") this.zones = data;
    this.lastHeard = this.now(); this.connected = true;
  }

  #takeTracks(list) {
    this.tracks = new Map(list.map((track) => [track.track_id, track]));
    for (const id of this.trails.keys()) if (!this.tracks.has(id)) this.trails.delete(id);
    for (const track of list) {
      if (track.latitude_deg == null) continue;
      const trail = this.trails.get(track.track_id) ?? [], last = trail.at(-1);
      if (last && last[0] === track.longitude_deg && last[1] === track.latitude_deg) continue;
      trail.push([track.longitude_deg, track.latitude_deg]);
      if (trail.length > TRAIL_POINTS) trail.shift();
      this.trails.set(track.track_id, trail);
    }
  }

  // One group for each drone; an alert without a drone stands alone. Highest priority first, in and among groups.
  groups() {
    const groups = new Map();
    for (const alert of this.alerts.values()) {
      if (alert.state === "closed") continue;
      const key = alert.track_id ?? alert.alert_id;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(alert);
    }
    const order = (a, b) => b.priority - a.priority || (a.alert_id < b.alert_id ? -1 : 1);
    const sorted = [...groups].map(([key, alerts]) => ({ key, alerts: alerts.sort(order), top: alerts[0] }));
    return sorted.sort((a, b) => order(a.top, b.top));
  }

  closed() {
    return [...this.alerts.values()].filter((alert) => alert.state === "closed").sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  }
}

const EVENTS = ["status", "tracks", "alert", "alerts", "sensors", "zones"];

// Keeps a stream open and the world up to date; ``changed(name)`` after each event, ``link()`` when the link comes or goes.
export function follow(world, changed, link) {
  let heard = Date.now(), source = null;
  const lose = () => { if (world.connected) { world.connected = false; link(); } };
  const connect = () => {
    source?.close(); source = new EventSource("/live");
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        const was = world.connected;
        heard = Date.now(); world.take(name, JSON.parse(event.data));
        if (!was) link();
        changed(name);
      });
    }
    source.addEventListener("error", () => { lose(); if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000); });
  };
  connect();
  setInterval(async () => {
    if (Date.now() - heard < QUIET_MS) return;
    heard = Date.now();
    try { world.take("status", await read("status")); changed("status"); link(); } catch { lose(); connect(); }
  }, 1000);
}

export async function read(name) {
  const answer = await fetch(`/api/v1/${name}`, { signal: AbortSignal.timeout(8000) });
  if (!answer.ok) throw Object.assign(new Error(name), { status: answer.status });
  return answer.json();
}

export async function send(path, body) {
  return fetch(`/api/v1/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(8000) });
}
