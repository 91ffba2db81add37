// Every mark, drawn once on a canvas: the same drawing stands on the map, on the cards and in the legend.
// Colours are Okabe-Ito's; shape and outline tell the same without colour.

export const COLOUR = Object.freeze({
  violation: "#D55E00", suspected: "#E69F00", situation: "#E69F00", not_decidable: "#8A8F98", allowed: "#009E73",
  service: "#0072B2", spoof: "#CC79A7", bearing: "#56B4E9", unjudged: "#8A8F98", aircraft: "#0072B2", coverage: "#8A8F98",
});
export const VERDICTS = Object.freeze(["violation", "suspected", "situation", "not_decidable", "allowed", "unjudged", "spoof", "aircraft"]);

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
    triangle(ctx, 12); ctx.lineJoin = "round"; ctx.strokeStyle = c; ctx.globalAlpha = 0.35; ctx.lineWidth = 12; ctx.stroke(); ctx.globalAlpha = 1;
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
  clear(ctx) { ring(ctx, 11); ctx.fillStyle = COLOUR.allowed; ctx.fill(); line(ctx, [-5, 0.5], [-1.4, 4.4], [5.4, -4.4]); stroke(ctx, "#FFFFFF", 3); },
  watch(ctx, _c, ink) { DRAW.suspected(ctx, COLOUR.suspected, ink); },
  drone_near(ctx, _c, ink) { DRAW.violation(ctx, COLOUR.violation, ink); },
  over_crowd(ctx) { triangle(ctx, 14); ctx.fillStyle = "#0E1A22"; ctx.fill(); },  // these three stand on a coloured bar
  wall_drone_near(ctx) { DRAW.over_crowd(ctx); },
  wall_watch(ctx) { triangle(ctx, 13); stroke(ctx, "#0E1A22", 4); },
  coverage_reduced(ctx, _c, ink) { DRAW.coverage(ctx, COLOUR.coverage, ink); },
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
  ctx.globalAlpha = 0.6;
  line(ctx, [0, 13], [-5, 3], [-9, 3], [-9, -7], [0, -15], [9, -7], [9, 3], [5, 3], [0, 13]); ctx.closePath(); stroke(ctx, c, 2.6, ink);
}
function claimed(ctx, c, ink) {
  ctx.beginPath(); ctx.arc(0, -8, 11, Math.PI * 0.8, Math.PI * 2.2); ctx.lineTo(0, 13); ctx.closePath();
  stroke(ctx, ink, 5); ctx.setLineDash([5, 4]); stroke(ctx, c, 2.6); ctx.setLineDash([]);
}
const PINS = { live: person, takeoff: house, claimed };

const SIZE = 44, SENSOR_SIZE = 22;  // sides of the marks' pictures in CSS pixels; the mark stands in the middle

// Draw a mark by name: "violation", ..., or "pin-live-violation" for a pilot's.
export function draw(ctx, name, ink) {
  const [kind, pin, verdict] = name.split("-");
  if (kind === "pin") PINS[pin](ctx, COLOUR[verdict], ink);
  else DRAW[name](ctx, COLOUR[name] ?? "#8A8F98", ink);
}

export function picture(name, ink, sensorColour) {
  const canvas = document.createElement("canvas"), size = name.startsWith("sensor") ? SENSOR_SIZE : SIZE;
  canvas.width = canvas.height = size * 2;
  const ctx = canvas.getContext("2d");
  ctx.scale(2, 2); ctx.translate(size / 2, size / 2);
  if (name.startsWith("sensor")) DRAW[name](ctx, sensorColour, ink); else draw(ctx, name, ink);
  return ctx.getImageData(0, 0, canvas.width, canvas.height);
}

export function markNames() {
  const pins = Object.keys(PINS).flatMap((pin) => VERDICTS.map((verdict) => `pin-${pin}-${verdict}`));
  return [...VERDICTS, ...pins, "sensor", "sensor_down"];
}

export function mark(name, ink, size = 32) {
  const canvas = document.createElement("canvas");
  canvas.className = "mark"; canvas.width = canvas.height = size * 2; canvas.setAttribute("aria-hidden", "true");
  canvas.style.width = canvas.style.height = `${size}px`;
  repaint(canvas, name, ink);
  return canvas;
}

export function repaint(canvas, name, ink) {
  const ctx = canvas.getContext("2d");
  ctx.setTransform(1, 0, 0, 1, 0, 0); ctx.globalAlpha = 1; ctx.clearRect(0, 0, canvas.width, canvas.height);
  ctx.translate(canvas.width / 2, canvas.height / 2); ctx.scale(canvas.width / 38, canvas.height / 38);
  if (name) draw(ctx, name, ink);
}

// A line of text as a picture: the map has no glyph server, and a picture cannot be anything but a picture.
export function label(text, colour, ground) {
  const canvas = document.createElement("canvas"), font = "600 15px system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const measure = canvas.getContext("2d"); measure.font = font;
  const width = Math.ceil(measure.measureText(text).width) + 10;
  canvas.width = width * 2; canvas.height = 44;
  const ctx = canvas.getContext("2d");
  ctx.scale(2, 2); ctx.font = font; ctx.textBaseline = "middle"; ctx.lineJoin = "round";
  ctx.strokeStyle = ground; ctx.lineWidth = 4; ctx.strokeText(text, 5, 11.5); ctx.fillStyle = colour; ctx.fillText(text, 5, 11.5);
  return ctx.getImageData(0, 0, canvas.width, canvas.height);
}

// The card's number beside its drone.
export function badge(number, colour, ground) {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 44;
  const ctx = canvas.getContext("2d"); ctx.scale(2, 2); ctx.translate(11, 11);
  ring(ctx, 9.5); ctx.fillStyle = colour; ctx.fill(); ctx.strokeStyle = ground; ctx.lineWidth = 1.5; ctx.stroke();
  ctx.fillStyle = ground; ctx.font = "700 13px system-ui, 'Liberation Sans', sans-serif"; ctx.textAlign = "center"; ctx.textBaseline = "middle"; ctx.fillText(number, 0, 0.8);
  return ctx.getImageData(0, 0, 44, 44);
}

export function hatch(colour) {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 32;
  const ctx = canvas.getContext("2d"); ctx.strokeStyle = colour; ctx.lineWidth = 2; ctx.globalAlpha = 0.3;
  for (const x of [-32, 0, 32]) { line(ctx, [x, 32], [x + 32, 0]); ctx.stroke(); }
  return ctx.getImageData(0, 0, 32, 32);
}
