// The console: puts the live picture on the page. Is anything wrong, where is the pilot, why is it not allowed, how old is
// this, can I trust it: in that order. ``?wall`` shows the wall of a control room.

import { onRefused } from "./acts.js";
import { Banners } from "./banners.js";
import { Bar, stateReason } from "./bar.js";
import { Box } from "./box.js";
import { Cards } from "./cards.js";
import { drawLegend } from "./legend.js";
import { follow } from "./link.js";
import { noMap, Picture } from "./map.js";
import { byId, recall, remember, show, text } from "./page.js";
import { setPalette, themeName } from "./palette.js";
import { Records } from "./records.js";
import { Roster } from "./roster.js";
import { Route } from "./route.js";
import { read, send } from "./server.js";
import { Sound, Worsening } from "./sound.js";
import { Strip } from "./strip.js";
import { Waiting } from "./waiting.js";
import { Wall } from "./wall.js";
import { getLanguage, say, setLanguage } from "./words.js";
import { who } from "./who.js";
import { World } from "./world.js";

const LATE_MS = 4000, DRAW_MS = 50, SECOND_MS = 1000, RETRY_MS = 3000;
const world = Object.assign(new World(), { late: false });
const onWall = new URLSearchParams(location.search).has("wall");
const phone = matchMedia("(max-width: 760px)"), bright = matchMedia("(prefers-color-scheme: light)");
let picture = null, mapDone = false, mapBegun = false, selected = null, settings = { tiles: null }, link = null, wanted = null, shown = null, drawnAt = -Infinity;

const bar = new Bar(world, { wall: onWall, phone }), banners = new Banners(world, onWall), records = new Records(world);
const sound = new Sound(() => { sound.draw(); noteSound(); }), worsening = new Worsening(), waiting = new Waiting(world);
const wall = onWall ? new Wall(world) : null;
const box = new Box(world, () => leave());
const cards = new Cards(byId("cards"), world, { choose: (key) => (key === selected ? leave() : choose(key)), leave: () => leave(), go: (id) => choose(id), draw: () => draw() });
const roster = new Roster(world, (id) => choose(id));
const strip = new Strip(world, () => leave());
const route = new Route((target) => apply(target));

// choosing

const groupOf = (id) => world.groups().find((group) => group.key === id || group.alerts.some((alert) => alert.alert_id === id || alert.record_id === id));

function choose(id) {
  const group = groupOf(id), track = world.tracks.get(group?.key ?? id);
  if (!group && !track) return false;
  select(group?.key ?? id, Boolean(group));
  route.open(track ? { kind: "drone", id: track.track_id } : { kind: "alert", id: group.top.alert_id });
  if (track && !phone.matches) picture?.reveal(track);
  return true;
}

// What is chosen now: a card, or a drone without one in the box.
function select(key, carded) {
  selected = key;
  if (carded || key === null) box.close(); else box.drone(key);
  document.body.classList.toggle("card-open", carded && phone.matches);
  if (carded) { if (phone.matches) mapFirst(false); strip.begin(); }
  draw();
  if (carded) cards.scrollTo(key);
}

function leave() { const had = selected !== null || box.isOpen(); select(null, false); picture?.restore(); if (had) route.close(); }
function mapFirst(on) { document.body.classList.toggle("map-first", on); picture?.resize(); }

// An address: entered, sent by a colleague, gone back to.
function apply(target) {
  if (target?.kind === "map") { select(null, false); mapFirst(true); draw(); return; }
  mapFirst(false);
  banners.note("not-there", null);
  if (target === null) { select(null, false); picture?.restore(); return; }
  if (!world.complete()) { wanted = target; return; }
  if (choose(target.id) || records.reveal(target.id)) return;
  select(null, false);
  banners.note("not-there", () => say("not_there"));
}

function choosePlace(zones) { leave(); box.zones(zones); }

// What Escape closes, the innermost first.
function escape() {
  const form = document.activeElement?.closest?.(".ask, #who-form") ?? [...document.querySelectorAll(".ask")].find((one) => one.childElementCount > 0);
  const off = form?.querySelector("button.leave");
  if (off) off.click();
  else if (!byId("who-form").hidden) who.shut();
  else if (byId("legend").open) byId("legend").open = false;
  else if (selected !== null || box.isOpen()) leave();
  else if (document.body.classList.contains("map-first")) { mapFirst(false); route.close(); draw(); }
}

// drawing

function draw() {
  over();
  const groups = world.groups();
  fixedWords(); bar.draw(); banners.draw(); sound.draw(); who.draw(); box.tick();
  cards.update(groups, selected, phone.matches);
  calm(groups); waiting.update(); records.update(); roster.update(); drawLegend(); wall?.draw();
  strip.draw(phone.matches && document.body.classList.contains("card-open") ? selected : null);
  shade(); paint(groups);
  drawnAt = performance.now();
}

// The card that is open is over: the reader is led to its record, and is not left before an empty screen.
function over() {
  const group = selected === null ? null : groupOf(selected);
  if (group) shown = group.top.record_id;
  if (group || selected === null || box.isOpen() || cards.holds(selected)) return;
  leave();
  if (shown !== null) records.reveal(shown);
}

// What a second changes.
function tick() {
  if (performance.now() - drawnAt < SECOND_MS / 2) return;  // a picture has just been drawn
  bar.draw(); banners.draw(); cards.tick(); waiting.tick(); records.tick(); box.tick(); roster.update(); wall?.draw(); shade(); paint();
  strip.draw(phone.matches && document.body.classList.contains("card-open") ? selected : null);
}

function shade() { document.body.classList.toggle("old", world.old()); }

function paint(groups = world.groups()) {
  const ranks = groups.filter((group) => group.life === "open").map((group, index) => [group.key, index + 1]);
  picture?.update(world, new Map(ranks), selected);
}

function calm(groups) {
  const line = byId("calm"), healthy = world.sensors.length > 0 && world.live && world.hearsAll();
  const why = stateReason(world);
  show(line, !world.old() && (groups.length === 0 || why !== ""));  // of a picture that is old nothing is said but that
  if (why !== "") text(line, why);
  else text(line, world.complete() ? `${say("no_alerts")}${healthy ? ` ${say("all_heard")}` : ""}` : say("list_empty"));
}

function fixedWords() {
  text(byId("language"), say("other_language")); byId("language").title = say("other_language_name");
  text(byId("theme"), say(themeName() === "dark" ? "light" : "dark"));
  text(byId("flip"), say(document.body.classList.contains("map-first") ? "list" : "map"));
  text(byId("title"), say("title"));
  text(byId("map-message"), say("no_webgl"));
  const { tiles } = settings, note = byId("tile-note"), own = `${say("no_tiles")} · MapLibre`;
  show(note, true);
  text(note, tiles ? [tiles.attribution, tiles.host && `${say("tiles_note")} ${tiles.host}`, "MapLibre"].filter(Boolean).join(" · ") : own);
  const form = byId("sign-in");
  text(form.querySelector("span"), say("token")); text(form.querySelector("button"), say("sign_in"));
}

function theme() { const chosen = recall("theme"); return ["light", "dark"].includes(chosen) ? chosen : bright.matches ? "light" : "dark"; }
function dress(chosen = theme()) { setPalette(chosen); document.documentElement.dataset.theme = chosen; picture?.setTheme(); draw(); }
function speak(chosen) { setLanguage(chosen); document.documentElement.lang = getLanguage(); picture?.words(); draw(); }
function noteSound() { banners.note("quiet-sound", sound.asks() ? () => say("sound_silent") : null); }

// beginning

let drawing = false;
function soon() {  // one drawing for all events of a moment
  if (drawing) return;
  drawing = true;
  setTimeout(() => { drawing = false; news(); draw(); }, DRAW_MS);
}

function news() { if (world.complete() && worsening.look(world.groups(), world.state())) sound.play(); }

function changed() {
  if (world.complete() && world.live && !mapBegun) { mapBegun = true; startMap(); }
  if (world.complete() && wanted !== null) { const target = wanted; wanted = null; apply(target); }
  soon();
}

function begin() {
  wanted = route.now();
  link = follow({ world, changed, turned: () => { changed(); draw(); }, refused: () => signIn("token_changed") });
  setTimeout(() => { world.late = true; }, LATE_MS);
  setInterval(tick, SECOND_MS);
}

function startMap() {
  const done = () => { mapDone = true; ready(); };
  const { centre, zoom } = world.status;
  try {
    const view = { centre, zoom: phone.matches ? zoom - 0.8 : zoom, tiles: settings.tiles, large: onWall };
    picture = new Picture(byId("map"), { ...view, select: (id) => choose(id), place: choosePlace, loaded: done });
    paint();
  } catch (error) { noMap(error); done(); }
}

function ready() { if (mapDone && world.complete()) { draw(); document.body.dataset.ready = "true"; } }

function signIn(why = null) { show(byId("sign-in"), true); text(byId("sign-in").querySelector("p"), why === null ? "" : say(why)); draw(); }

async function open() {
  try { settings = await read("settings"); show(byId("sign-in"), false); if (link === null) begin(); else link.again(); }
  catch (error) {
    if (error.status === 401) signIn();
    else { world.late = true; banners.draw(); setTimeout(open, RETRY_MS); }
  }
}

byId("language").addEventListener("click", () => { const next = getLanguage() === "nl" ? "en" : "nl"; remember("language", next); speak(next); });
byId("theme").addEventListener("click", () => { const next = theme() === "dark" ? "light" : "dark"; remember("theme", next); dress(next); });
byId("flip").addEventListener("click", () => {
  const on = !document.body.classList.contains("map-first");
  mapFirst(on); if (on) route.open({ kind: "map", id: "" }); else route.close();
  draw();
});
byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.token, answer = await send("session", { token: field.value });
  field.value = "";
  if (answer.ok) open(); else text(event.target.querySelector("p"), say(answer.status === 401 ? "token_wrong" : "failed_0"));
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") escape(); });
if (onWall) {  // a pointer that moves is shown for a while
  let still = null;
  document.addEventListener("pointermove", () => {
    document.body.classList.add("pointing"); clearTimeout(still);
    still = setTimeout(() => document.body.classList.remove("pointing"), LATE_MS);
  });
}
onRefused(() => signIn("token_changed"));
bright.addEventListener("change", () => dress());
phone.addEventListener("change", () => { document.body.classList.toggle("card-open", phone.matches && Boolean(groupOf(selected))); draw(); });
document.body.classList.toggle("wall", onWall);
show(byId("wall-panel"), onWall);

const copy = (value) => JSON.parse(JSON.stringify(value));
Object.defineProperty(window, "airspaceConsole", { value: Object.freeze({
  tracks: () => copy([...world.tracks.values()]), alerts: () => copy([...world.alerts.values()]), shapes: () => copy(picture?.shapes ?? {}),
  view: () => copy(picture?.view() ?? null), status: () => copy(world.status), live: () => world.live, tones: () => sound.played(),
}) });

speak(recall("language") ?? navigator.language.slice(0, 2));
dress();
noteSound();
open();
