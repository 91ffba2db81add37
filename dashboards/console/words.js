// What the page says in the reader's language. Sentences about alerts come from the service, in both.

import { EN } from "./words_en.js";
import { NL } from "./words_nl.js";

const WORDS = { en: EN, nl: NL };
const LOCALE = { en: "en-GB", nl: "nl-NL" };
const TYPES = {
  en: {
    aeroplane: "aeroplane", multirotor: "multirotor", gyroplane: "gyroplane", hybrid_lift: "vertical take-off aeroplane",
    glider: "glider", kite: "kite", free_balloon: "balloon", captive_balloon: "tethered balloon", airship: "airship",
    tethered: "tethered drone", ornithopter: "flapping wings", parachute: "parachute", rocket: "rocket",
    obstacle: "obstacle on the ground", other: "other aircraft",
  },
  nl: {
    aeroplane: "vleugeldrone", multirotor: "multirotor", gyroplane: "gyrokopter", hybrid_lift: "verticaal startende vleugeldrone",
    glider: "zwever", kite: "vlieger", free_balloon: "ballon", captive_balloon: "kabelballon", airship: "luchtschip",
    tethered: "drone aan kabel", ornithopter: "klapwieker", parachute: "parachute", rocket: "raket",
    obstacle: "obstakel op de grond", other: "ander toestel",
  },
};

let language = "en";

export function setLanguage(chosen) { language = chosen === "nl" ? "nl" : "en"; }
export function getLanguage() { return language; }
export function locale() { return LOCALE[language]; }
export function hasWord(key) { return Object.hasOwn(WORDS[language], key); }

/** The words for a key, {braces} filled in from ``values``. @param {string} key @param {Object<string, unknown>} values */
export function say(key, values = null) {
  const words = WORDS[language][key] ?? "";
  return values === null ? words : words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

export function sentence(alert) { return (language === "nl" ? alert.sentence_nl : alert.sentence_en) ?? ""; }
/** What the alert is about; its end does not replace it. */
export function matter(alert) { return (language === "nl" ? alert.matter_nl : alert.matter_en) || sentence(alert); }
export function typeName(type) { return TYPES[language][type] ?? say("unknown_type"); }

export const LANGUAGES = Object.freeze(Object.keys(WORDS));
export const wordKeys = (name) => Object.keys(WORDS[name]).sort();
export const typeKeys = (name) => Object.keys(TYPES[name]).sort();
export const gaps = (name) => Object.fromEntries(
  Object.entries(WORDS[name]).map(([key, words]) => [key, (words.match(/\{\w+\}/g) ?? []).sort().join("")]),
);
