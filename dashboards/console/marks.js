// Every mark, drawn once on a canvas: the same drawing stands on the map, on the cards and in the legend.
// Shape and outline tell the same without colour.

import { palette, themeName } from "./palette.js";

export const VERDICTS = Object.freeze([
  "violation", "suspected", "situation", "not_decidable", "allowed", "unjudged", "spoof", "aircraft",
]);

// What a track is drawn as.
export function styleOf(track) {
  if (track.source === "adsb") return "aircraft";
  if (track.suspect) return "spoof";
  if (track.verdict === "allowed" && track.notice_id === null) return "unjudged";  // no tick without a notice
  return VERDICTS.includes(track.verdict) ? track.verdict : "unjudged";
}

function triangle(ctx, r) {
  ctx.beginPath(); ctx.moveTo(0, -r); ctx.lineTo(r * 0.78, r * 0.8); ctx.lineTo(0, r * 0.42); ctx.lineTo(-r * 0.78, r * 0.8); ctx.closePath();
}
function ring(ctx, r) { ctx.beginPath(); ctx.arc(0, 0, r, 0, 2 * Math.PI); }
function diamond(ctx, r) { ctx.beginPath(); ctx.moveTo(0, -r); ctx.lineTo(r, 0); ctx.lineTo(0, r); ctx.lineTo(-r, 0); ctx.closePath(); }
function line(ctx, ...points) { ctx.beginPath(); points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y))); }

// An outline of the ground's colour under a stroke, so that marks stay legible on lines and other marks.
function stroke(ctx, colour, width, ink) {
  ctx.lineJoin = "round"; ctx.lineCap = "round";
  if (ink) { ctx.strokeStyle = ink; ctx.lineWidth = width + 3; ctx.stroke(); }
  ctx.strokeStyle = colour; ctx.lineWidth = width; ctx.stroke();
}

const DRAW = {
  violation(ctx, c, ink) {
    triangle(ctx, 12); ctx.lineJoin = "round"; ctx.strokeStyle = c; ctx.lineWidth = 12;
    ctx.globalAlpha = 0.35; ctx.stroke(); ctx.globalAlpha = 1;
    stroke(ctx, ink, 4); ctx.fillStyle = c; ctx.fill();
  },
  suspected(ctx, c, ink) { triangle(ctx, 12); stroke(ctx, c, 4, ink); },
  situation(ctx, c, ink) { diamond(ctx, 11); stroke(ctx, c, 4, ink); },
  not_decidable(ctx, c, ink) { ring(ctx, 8); stroke(ctx, ink, 3); ctx.fillStyle = c; ctx.fill(); },
  unjudged(ctx, c, ink) { ring(ctx, 6); stroke(ctx, c, 3, ink); },
  allowed(ctx, c, ink) {
    ring(ctx, 10); stroke(ctx, ink, 3); ctx.fillStyle = c; ctx.fill();
    line(ctx, [-4.5, 0.5], [-1.2, 4], [5, -4]); stroke(ctx, "#FFFFFF", 2.6);
  },
  spoof(ctx, c, ink) { ring(ctx, 10); ctx.setLineDash([]); stroke(ctx, ink, 5); ctx.setLineDash([5, 4]); stroke(ctx, c, 3); ctx.setLineDash([]); },
  aircraft(ctx, c, ink) {
    ring(ctx, 11); ctx.fillStyle = c; stroke(ctx, ink, 3); ctx.fill();
    line(ctx, [-6, -6], [6, 6]); stroke(ctx, "#FFFFFF", 2.4); line(ctx, [6, -6], [-6, 6]); stroke(ctx, "#FFFFFF", 2.4);
    ring(ctx, 2.4); ctx.fillStyle = "#FFFFFF"; ctx.fill();
  },
  coverage(ctx, c, ink) { ring(ctx, 10); stroke(ctx, c, 3, ink); line(ctx, [-7, 7], [7, -7]); stroke(ctx, c, 3); },
  clear(ctx) {
    ring(ctx, 11); ctx.fillStyle = palette().mark.allowed; ctx.fill();
    line(ctx, [-5, 0.5], [-1.4, 4.4], [5.4, -4.4]); stroke(ctx, "#FFFFFF", 3);
  },
  watch(ctx, _c, ink) { DRAW.suspected(ctx, palette().mark.suspected, ink); },
  drone_near(ctx, _c, ink) { DRAW.violation(ctx, palette().mark.violation, ink); },
  over_crowd(ctx) { triangle(ctx, 14); ctx.fillStyle = palette().ink; ctx.fill(); },  // these three stand on a coloured bar
  wall_drone_near(ctx) { DRAW.over_crowd(ctx); },
  wall_watch(ctx) { triangle(ctx, 13); stroke(ctx, palette().ink, 4); },
  coverage_reduced(ctx, _c, ink) { DRAW.coverage(ctx, palette().mark.coverage, ink); },
  sensor(ctx, c, ink) { ring(ctx, 3); stroke(ctx, ink, 3); ctx.fillStyle = c; ctx.fill(); ring(ctx, 7); stroke(ctx, c, 1.6); },
  sensor_down(ctx, c, ink) { ring(ctx, 7); stroke(ctx, c, 2, ink); line(ctx, [-8, 8], [8, -8]); stroke(ctx, c, 2.4, ink); },
};

function person(ctx, c, ink) {  // a pin with a person in it; its point is the place
  ctx.beginPath(); ctx.arc(0, -8, 11, Math.PI * 0.8, Math.PI * 2.2); ctx.lineTo(0, 13); ctx.closePath();
  stroke(ctx, ink, 3); ctx.fillStyle = c; ctx.fill();
  ctx.fillStyle = "#FFFFFF"; ctx.beginPath(); ctx.arc(0, -12, 3.2, 0, 2 * Math.PI); ctx.fill();
  ctx.beginPath(); ctx.arc(0, -3, 5.4, Math.PI, 2 * Math.PI); ctx.closePath(); ctx.fill();
}
function house(ctx, c, ink) {
  line(ctx, [0, 13], [-5, 3], [-9, 3], [-9, -7], [0, -15], [9, -7], [9, 3], [5, 3], [0, 13]); ctx.closePath(); stroke(ctx, c, 2.6, ink);
}
function claimed(ctx, c, ink) {
  ctx.beginPath(); ctx.arc(0, -8, 11, Math.PI * 0.8, Math.PI * 2.2); ctx.lineTo(0, 13); ctx.closePath();
  stroke(ctx, ink, 5); ctx.setLineDash([5, 4]); stroke(ctx, c, 2.6); ctx.setLineDash([]);
}
const PINS = { live: person, takeoff: house, claimed };

export const SIZE = 44, SENSOR_SIZE = 22;  // sides of a mark's picture in CSS pixels; the mark stands in the middle

// Draw a mark by name: "violation", ..., or "pin-live-violation" for a pilot's.
function draw(ctx, name) {
  const [kind, pin, verdict] = name.split("-"), { mark: colour, panel } = palette();
  if (kind === "pin") PINS[pin](ctx, colour[verdict] ?? colour.unjudged, panel);
  else DRAW[name](ctx, colour[name.startsWith("sensor") ? "sensor" : name] ?? colour.unjudged, panel);
}

const kept = new Map();

/** The mark as a picture of twice its size, drawn once for each theme. @returns {HTMLCanvasElement} */
export function sprite(name) {
  const key = `${themeName()}|${name}`;
  if (!kept.has(key)) {
    const canvas = document.createElement("canvas"), size = name.startsWith("sensor") ? SENSOR_SIZE : SIZE;
    canvas.width = canvas.height = size * 2;
    const ctx = canvas.getContext("2d", { willReadFrequently: true });
    ctx.scale(2, 2); ctx.translate(size / 2, size / 2);
    draw(ctx, name);
    kept.set(key, canvas);
  }
  return kept.get(key);
}

/** A mark on the page. */
export function mark(name, size = 32) {
  const canvas = document.createElement("canvas");
  canvas.className = "mark"; canvas.width = canvas.height = size * 2; canvas.setAttribute("aria-hidden", "true");
  canvas.style.width = canvas.style.height = `${size}px`;
  repaint(canvas, name);
  return canvas;
}

/** Draw another mark, when it is another. */
export function repaint(canvas, name) {
  const key = `${themeName()}|${name}`;
  if (canvas.dataset.mark === key) return;
  canvas.dataset.mark = key;
  const ctx = canvas.getContext("2d");
  ctx.setTransform(1, 0, 0, 1, 0, 0); ctx.globalAlpha = 1; ctx.clearRect(0, 0, canvas.width, canvas.height);
  ctx.translate(canvas.width / 2, canvas.height / 2); ctx.scale(canvas.width / 38, canvas.height / 38);
  if (name) draw(ctx, name);
}

export function hatch(colour) {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 32;
  const ctx = canvas.getContext("2d"); ctx.strokeStyle = colour; ctx.lineWidth = 2; ctx.globalAlpha = 0.3;
  for (const x of [-32, 0, 32]) { line(ctx, [x, 32], [x + 32, 0]); ctx.stroke(); }
  return ctx.getImageData(0, 0, 32, 32);
}
