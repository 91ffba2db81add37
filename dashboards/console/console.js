// The console: puts the live picture on the page. Is anything wrong, where is the pilot, why is it not allowed, how old is
// this, can I trust it: in that order. ``?wall`` shows the wall of a control room.

import { Cards, droneWords, OUTCOMES, pilotWords, sensorNames } from "./cards.js";
import { follow, read, send, World } from "./live.js";
import { Picture } from "./map.js";
import { mark, repaint, styleOf, VERDICTS } from "./marks.js";
import { byId, el, ground, recall, remember, text } from "./page.js";
import { bearingAndDistance, known, secondsTo } from "./places.js";
import { ago, clock, distance, duration, getLanguage, hasWord, say, sentence, setLanguage, whole, windOf } from "./words.js";
import { Why } from "./why.js";

const world = new World();
const wall = new URLSearchParams(location.search).has("wall");
const phone = matchMedia("(max-width: 760px)");
const roomy = matchMedia("(min-width: 1600px)");
const bright = matchMedia("(prefers-color-scheme: light)");
let picture = null, mapDone = false, selected = null, settings = { tiles: null }, told = new Set(), started = false, late = false, legendKey = "";
const cards = new Cards(byId("cards"), world, (key) => choose(key === selected ? null : key));

// theme, language, sound

function theme() { const chosen = recall("theme"); return chosen === "light" || chosen === "dark" ? chosen : bright.matches ? "light" : "dark"; }
function dress(chosen = theme()) { document.documentElement.dataset.theme = chosen; picture?.setTheme(chosen); draw(); }
function speak(chosen) { setLanguage(chosen); document.documentElement.lang = getLanguage(); draw(); }

const sound = {
  context: null, on: recall("sound") === "on",
  wake() { if (this.on && !this.context) this.context = new AudioContext(); if (this.on) this.context?.resume(); },
  switch() { this.on = !this.on; remember("sound", this.on ? "on" : "off"); this.wake(); if (this.on) this.play(); draw(); },
  play() {  // two short tones, the second higher
    if (!this.on || this.context?.state !== "running") return;
    [660, 880].forEach((pitch, index) => {
      const tone = this.context.createOscillator(), volume = this.context.createGain(), at = this.context.currentTime + index * 0.18;
      tone.frequency.value = pitch; volume.gain.setValueAtTime(0.0001, at); volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02); volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
      tone.connect(volume).connect(this.context.destination); tone.start(at); tone.stop(at + 0.17);
    });
  },
};

// choosing

function choose(key) {
  selected = key;
  document.body.classList.toggle("card-open", key !== null && phone.matches && world.groups().some((group) => group.key === key));
  if (key !== null) { cards.scrollTo(key); if (!phone.matches) picture?.flyTo(world.tracks.get(key)); }
  draw();
}

function showDetail(rows, title, more = null) {
  const box = byId("detail");
  box.hidden = rows.length === 0;
  box.replaceChildren(...[el("strong", {}, title), el("dl", { class: "facts" }, ...rows.flatMap(([key, value]) => [el("dt", {}, key), el("dd", {}, value)])), more, el("button", { class: "shut", type: "button", "aria-label": say("cancel"), onclick: () => { box.hidden = true; selected = null; draw(); } }, "×")].filter(Boolean));
}

function chooseTrack(id) {
  const alerted = world.groups().some((group) => group.key === id);
  byId("detail").hidden = true;
  if (alerted && phone.matches) document.body.classList.remove("map-first");
  choose(id);
  const track = world.tracks.get(id);
  if (alerted || !track) return;
  const style = styleOf(track), rows = [[say("drone"), droneWords(null, track)], [say("heard_by"), sensorNames(track.sensors, world)], [say("last_seen"), ago(world.age(track.last_seen) ?? 0)]];
  if (track.pilot) rows.splice(0, 0, [say("pilot"), Object.values(pilotWords(track.pilot, track)).join(", ")]);
  if (track.uas_id) rows.push([say("id"), track.uas_id]);
  if (track.self_id) rows.push([say("self_id"), track.self_id]);
  const why = new Why();
  why.update(id);
  showDetail(rows, say(style), why.root);
}

function choosePlace(zones) {
  if (selected !== null) choose(null);
  showDetail(zones.map((zone) => [say(zone.kind === "legal" ? "legal" : "alert_only"), zone.name ?? zone.zone_id ?? ""]), say("zone"));
}

// drawing

function figures() {
  const status = world.status, day = status?.day;
  const rows = [["open_alerts", () => whole(status.open_alerts)], ["authorised", () => `${status.authorised_now} ${say("of")} ${status.authorised_limit}`],
    ["sensors", () => `${status.sensors_ok} ${say("of")} ${status.sensors}`], ["data_age", dataAge], ["clock", () => clock(world.now())],
    ["today", () => `${whole(day.flights)} ${say("flights")} · ${whole(day.unauthorised)} ${say("unauthorised")}${roomy.matches ? ` · ${whole(day.suspected)} ${say("suspected_n")}` : ""}`]];
  const list = byId("figures");
  if (list.children.length === 0) list.append(...rows.map(([key]) => el("div", { class: key }, el("dt"), el("dd"))));
  rows.forEach(([key, value], index) => { const [term, figure] = list.children[index].children; text(term, say(phone.matches && hasWord(`short_${key}`) ? `short_${key}` : key)); text(figure, status ? value() : "-"); });
  const pick = (key) => list.querySelector(`.${key} dd`).classList;
  pick("sensors").toggle("bad", Boolean(status) && status.sensors_ok < status.sensors);
  pick("data_age").toggle("bad", !world.connected);
  pick("authorised").toggle("bad", Boolean(status) && status.authorised_now > status.authorised_limit);
}

function dataAge() {
  const own = world.status.data_age_s, since = (world.now() - world.lastHeard) / 1000;
  return own == null ? "-" : duration(own + since);
}

// Every sensor is heard, and what they hear is followed: without both, an empty map says nothing.
function seesAll() { return world.status?.no_room === 0 && world.sensors.every((sensor) => sensor.ok); }

function stateNow() {
  if (!world.status || !world.connected) return "unknown_state";
  const state = world.status.state;
  return state === "clear" && !seesAll() ? "coverage_reduced" : state;
}

function drawState() {
  const state = stateNow();
  byId("state").className = state; text(byId("state-word"), hasWord(state) ? say(state) : state);
  repaint(byId("state-mark"), state === "unknown_state" ? "coverage" : wall && ["watch", "drone_near"].includes(state) ? `wall_${state}` : state, ground());
  document.title = `${say(hasWord(state) ? state : "title")}${world.status ? ` (${world.status.open_alerts})` : ""}`;
}

function banners() {
  const lines = [];
  if ((started || late) && !world.connected) lines.push(["lost", world.lastHeard === null ? say("connecting") : `${say("lost")} ${clock(world.lastHeard)} (${duration((world.now() - world.lastHeard) / 1000)}). ${say("lost_tail")}`]);
  const down = world.sensors.filter((sensor) => !sensor.ok);
  if (down.length > 0) {
    const names = down.map((sensor) => `${sensor.name} ${say("silent")}${sensor.silent_s == null ? "" : ` ${duration(world.age(sensor.last_seen) ?? sensor.silent_s)}`}`);
    lines.push(["coverage", `${say("coverage_reduced")}: ${names.slice(0, 4).map((name) => `${say("sensor")} ${name}`).join(", ")}${down.length > 4 ? ` (+${down.length - 4})` : ""}.${wall ? "" : ` ${say("reduced")}`}`]);
  }
  if (world.status?.no_room > 0) lines.push(["coverage", `${say("coverage_reduced")}: ${say("no_room")}; ${whole(world.status.no_room)} ${say("not_followed")}.${wall ? "" : ` ${say("reduced")}`}`]);
  const place = byId("banners");
  lines.forEach(([kind, words], index) => {
    const line = place.children[index] ?? place.appendChild(el("p"));
    line.className = kind; text(line, words);
  });
  while (place.children.length > lines.length) place.lastChild.remove();
}

function closedList() {
  const closed = world.closed().slice(0, 8), place = byId("closed");
  place.hidden = closed.length === 0;
  text(place.querySelector("h2"), say("closed"));
  const list = place.querySelector("ul");
  list.replaceChildren(...closed.map((alert) => el("li", {}, el("span", {}, sentence(alert)), el("span", { class: "how" }, [alert.outcome && (OUTCOMES.includes(alert.outcome) ? say(alert.outcome) : alert.outcome), alert.taken_by, ago(world.age(alert.time) ?? 0)].filter(Boolean).join(" · ")))));
}

// Who may fly soon: controllers, and drones that stand ready, that have not flown yet. The pilot's place is the news.
function waitingList() {
  const [longitude_deg, latitude_deg] = world.status?.centre ?? [0, 0], centre = { latitude_deg, longitude_deg }, place = byId("waiting");
  const waiting = [...world.tracks.values()].filter((track) => track.phase === "controller_on" && known(track.pilot)).slice(0, 8);
  place.hidden = waiting.length === 0;
  text(place.querySelector("h2"), say("before_take_off"));
  place.querySelector("ul").replaceChildren(...waiting.map((track) => {
    const [bearing, metres] = bearingAndDistance(centre, track.pilot);
    const { kind } = pilotWords(track.pilot, null, world.status?.mode);
    return el("li", {}, el("span", {}, say("controller_on")), el("span", { class: "how" }, [`${distance(metres)} ${windOf(bearing)} ${say("of_place")}`, kind, ago(world.age(track.last_seen) ?? 0)].join(" · ")));
  }));
}

function calm(groups) {
  const line = byId("calm"), healthy = world.sensors.length > 0 && seesAll();
  line.hidden = groups.length > 0;
  text(line, world.complete() ? `${say("no_alerts")}${healthy && world.connected ? ` ${say("all_heard")}` : ""}` : say("list_empty"));
}

function drawWall() {
  const bowls = world.zones.features.filter((zone) => zone.properties.role === "bowl"), top = world.groups()[0]?.top;
  const coming = [...world.tracks.values()].filter((track) => ["violation", "suspected", "situation"].includes(track.verdict));
  const times = coming.flatMap((track) => bowls.map((zone) => secondsTo(track, zone))).filter((seconds) => seconds !== null);
  const soonest = Math.min(...times), over = world.status?.state === "over_crowd";
  const countdown = over ? say("over_crowd") : Number.isFinite(soonest) && soonest < 1800 ? `${Math.floor(soonest / 60)}:${String(Math.floor(soonest % 60)).padStart(2, "0")}` : "";
  const track = world.tracks.get(top?.track_id), words = top?.track_id ? pilotWords(track?.pilot ?? top.pilot, track ?? top, world.status?.mode) : null;
  const lamps = world.sensors.slice(0, 8).map((sensor) => el("li", { class: sensor.ok ? "ok" : "down" }, el("span", { class: "lamp" }), `${sensor.name}`));
  byId("wall-panel").replaceChildren(
    el("section", { class: "countdown" }, el("h2", {}, say("to_bowl")), el("p", { class: countdown && !over ? "big" : "middle" }, countdown || say(seesAll() ? "no_approach" : "no_approach_seen"))),
    el("section", { class: "why" }, el("p", {}, top ? sentence(top) : say("no_alerts")), words && el("p", { class: "wall-pilot" }, words.title), words && el("p", { class: "quiet" }, words.kind)),
    el("section", {}, el("h2", {}, `${say("sensors")} ${world.status ? `${world.status.sensors_ok} ${say("of")} ${world.status.sensors}` : ""}`), el("ul", { class: "lamps" }, ...lamps)),
    el("section", { class: "foot" }, el("p", { class: "wall-clock" }, clock(world.now())), el("p", { class: "quiet" }, `${say("data_age")} ${world.status ? dataAge() : "-"} · ${say("authorised")} ${world.status ? `${world.status.authorised_now} ${say("of")} ${world.status.authorised_limit}` : "-"}`)),
  );
}

function legend() {
  const box = byId("legend"), list = box.querySelector("ul"), key = `${getLanguage()} ${document.documentElement.dataset.theme}`;
  if (key === legendKey) return;
  legendKey = key;
  text(box.querySelector("summary"), say("legend"));
  const marks = [...VERDICTS.map((name) => [name, name]), ["pin-live-suspected", "pilot_live"], ["pin-takeoff-suspected", "pilot_takeoff"], ["coverage", "sensor_down"]];
  const lines = [["legal", "legal"], ["alert-only", "alert_only"], ["ghost", "last_seen_ring"], ["direction", "direction_only"]];
  list.replaceChildren(...marks.map(([name, word]) => el("li", {}, mark(name, ground(), 26), say(word))), ...lines.map(([name, word]) => el("li", {}, el("span", { class: `swatch ${name}` }), say(word))));
}

function fixedWords() {
  text(byId("language"), say("other_language")); byId("language").title = say("other_language_name"); text(byId("theme"), say(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  text(byId("sound"), say(sound.on ? "sound_on" : "sound_off")); byId("sound").setAttribute("aria-pressed", String(sound.on));
  text(byId("flip"), say(document.body.classList.contains("map-first") ? "list" : "map"));
  text(byId("map-message"), say("no_webgl"));
  const tiles = settings.tiles, note = byId("tile-note");
  note.hidden = false;
  text(note, tiles ? [tiles.attribution, tiles.host && `${say("tiles_note")} ${tiles.host}`, "MapLibre"].filter(Boolean).join(" · ") : `${say("no_tiles")} · MapLibre`);
  const form = byId("sign-in");
  text(form.querySelector("span"), say("token")); text(form.querySelector("button"), say("sign_in"));
}

function draw() {
  const groups = world.groups();
  if (selected !== null && !world.tracks.has(selected) && !groups.some((group) => group.key === selected)) choose(null);
  fixedWords(); tick();
  cards.update(groups, selected);
  calm(groups); waitingList(); closedList(); legend();
  paint(groups);
}

function paint(groups = world.groups()) { picture?.update(world, new Map(groups.map((group, index) => [group.key, index + 1])), selected); }
function tick() { drawState(); figures(); banners(); cards.tick(); if (wall) drawWall(); document.body.classList.toggle("old", !world.connected); }

// beginning

function news() {
  const open = [...world.alerts.values()].filter((alert) => alert.state !== "closed");
  if (open.some((alert) => !told.has(alert.alert_id)) && started) sound.play();
  told = new Set(open.map((alert) => alert.alert_id));
}

let waiting = false;
function soon() {  // one drawing for all events of a moment
  if (waiting) return;
  waiting = true;
  setTimeout(() => { waiting = false; draw(); }, 50);
}

function begin() {
  follow(world, (name) => {
    if (name === "alert" || name === "alerts") news();
    if (world.complete()) { if (!started) { started = true; startMap(); } }
    soon();
  }, () => draw());
  setTimeout(() => { late = true; }, 5000);
  setInterval(() => { tick(); paint(); closedAges(); }, 1000);
}

function closedAges() { if (world.closed().length > 0) closedList(); }

function startMap() {
  const done = () => { mapDone = true; ready(); };
  const { centre, zoom } = world.status;
  try {
    picture = new Picture(byId("map"), { centre, zoom: phone.matches ? zoom - 0.8 : zoom, theme: theme(), tiles: settings.tiles, large: wall, select: chooseTrack, place: choosePlace, loaded: done });
    paint();
  } catch (error) { console.warn("no map", error); byId("map-message").hidden = false; byId("map").hidden = true; done(); }
}

function ready() { if (mapDone && world.complete()) { draw(); document.body.dataset.ready = "true"; } }

async function open() {
  try { settings = await read("settings"); byId("sign-in").hidden = true; begin(); }
  catch (error) {
    if (error.status === 401) { byId("sign-in").hidden = false; fixedWords(); }
    else { late = true; banners(); setTimeout(open, 3000); }
  }
}

const copy = (value) => JSON.parse(JSON.stringify(value));
Object.defineProperty(window, "airspaceConsole", { value: Object.freeze({ tracks: () => copy([...world.tracks.values()]), alerts: () => copy([...world.alerts.values()]), shapes: () => copy(picture?.shapes ?? {}) }) });

byId("language").addEventListener("click", () => { const next = getLanguage() === "nl" ? "en" : "nl"; remember("language", next); speak(next); });
byId("theme").addEventListener("click", () => { const next = theme() === "dark" ? "light" : "dark"; remember("theme", next); dress(next); });
byId("sound").addEventListener("click", () => sound.switch());
byId("flip").addEventListener("click", () => { document.body.classList.toggle("map-first"); picture?.resize(); draw(); });
byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.token, answer = await send("session", { token: field.value });
  field.value = "";
  if (answer.ok) open(); else text(event.target.querySelector("p"), say("token_wrong"));
});
document.addEventListener("pointerdown", () => sound.wake());
bright.addEventListener("change", () => dress());
phone.addEventListener("change", () => draw());
document.body.classList.toggle("wall", wall);
byId("wall-panel").hidden = !wall;
speak(recall("language") ?? navigator.language.slice(0, 2));
dress();
open();
