// How numbers, distances, winds and times are said. A formatter is made once for each language: making one is slow.

import { getLanguage, locale, say } from "./words.js";

const WINDS = {
  en: ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"],
  nl: ["noorden", "noordoosten", "oosten", "zuidoosten", "zuiden", "zuidwesten", "westen", "noordwesten"],
};
const SIDES_NL = ["noord", "noordoost", "oost", "zuidoost", "zuid", "zuidwest", "west", "noordwest"];
const made = new Map();

function decimal(value, digits) {
  const key = `${locale()}${digits}`;
  if (!made.has(key)) made.set(key, new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return made.get(key).format(value);
}

export function whole(value) { return value == null || Number.isNaN(Number(value)) ? "-" : decimal(value, 0); }

export function distance(metres) {
  if (metres < 97.5) return `${Math.round(metres / 5) * 5}\u00a0m`;
  return metres < 995 ? `${Math.round(metres / 10) * 10}\u00a0m` : `${decimal(metres / 1000, 1)}\u00a0km`;
}

const eighth = (degrees) => ((Math.round(degrees / 45) % 8) + 8) % 8;
export function windTo(degrees) { return WINDS[getLanguage()][eighth(degrees)]; }
export function windOf(degrees) {
  return getLanguage() === "nl" ? `ten ${SIDES_NL[eighth(degrees)]}en` : WINDS.en[eighth(degrees)];
}

export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}\u00a0s`;
  if (s < 600) return `${Math.floor(s / 60)}\u00a0min ${s % 60}\u00a0s`;
  const [hour, tail] = getLanguage() === "nl" ? ["u", "min"] : ["h", "min"];
  return s < 3600 ? `${Math.floor(s / 60)}\u00a0min` : `${Math.floor(s / 3600)}\u00a0${hour} ${Math.floor((s % 3600) / 60)}\u00a0${tail}`;
}

/** "just now", "4 s ago"; nothing where the age is not known. @param {?number} seconds */
export function ago(seconds) {
  if (seconds === null) return "";
  return seconds < 1 ? say("now") : say("ago", { time: duration(seconds) });
}

/** How old the picture is, as a figure: "1 s ago", in Dutch "1 s oud". @param {?number} seconds */
export function oldness(seconds) { return seconds === null ? "-" : say("old_for", { time: duration(seconds) }); }

/** The time of the day without its seconds: "20:31". @param {number} ms since 1970 */
export function hour(ms) {
  const key = `hour${locale()}`;
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }));
  return made.get(key).format(ms);
}

export function clock(ms) {
  const key = `clock${locale()}`;
  if (ms === null) return "-";
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit" }));
  return made.get(key).format(ms);
}
