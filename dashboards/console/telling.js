// What is said of a drone, its pilot and its notice. The live track is told first; only where there is none is it the
// alert's, and then with its age. Card, box, wall and list say it with these words and no others.

import { bearingAndDistance, known, landmark } from "./places.js";
import { ago, distance, duration, hour, whole, windOf, windTo } from "./numbers.js";
import { hasWord, matter, say, sentence, typeName } from "./words.js";
import { lifeOf } from "./world.js";

const HERE_M = 15, STILL_M_S = 1, FRESH_S = 10, PSEUDONYM_LETTERS = 6;
const PILOT_KINDS = { live: "live", takeoff: "take_off_kind", bearing: "bearing_kind", claimed: "claimed_kind" };

/** Where the drone of an alert is, as far as it is known: of the live track, else of the alert. */
export function placeOf(alert, track) { return known(track) ? track : known(alert) ? alert : null; }
export function pilotOf(alert, track) { return track ? track.pilot : alert?.pilot ?? null; }

/**
 * Where the pilot is. Only of a track that was heard just now, over a link that is live, is it said as of now.
 * @param {?object} track the live one @param {?object} told what else says when the drone was last heard
 * @returns {{title: string, kind: string}}
 */
export function pilotWords(pilot, drone, world, track, told = null) {
  if (!known(pilot)) return { title: say(world.status?.mode === "statistics" ? "hidden_pilot" : "no_pilot"), kind: "" };
  const seconds = world.age((track ?? told)?.last_seen ?? told?.time), fresh = track != null && !world.old() && seconds !== null && seconds <= FRESH_S;
  let where = "";
  if (known(drone)) {
    const [bearing, metres] = bearingAndDistance(drone, pilot);
    where = metres < HERE_M ? say("at_drone") : say("of_drone", { distance: distance(metres), wind: windOf(bearing) });
  }
  const accuracy = pilot.accuracy_m == null ? "" : `, ±\u00a0${whole(pilot.accuracy_m)}\u00a0m`;
  const last = [say("last_pilot"), ago(seconds)].filter(Boolean).join(", ");
  const name = pilot.kind === "takeoff" ? say("takeoff") : fresh ? say("pilot") : last;
  const kind = !fresh && pilot.kind === "live" ? "" : say(PILOT_KINDS[pilot.kind] ?? "bearing_kind");
  return { title: where ? `${name}: ${where}` : name, kind: `${kind}${accuracy}`.replace(/^, /, "") };
}

function heightWords(of) {
  if (of?.height_agl_m == null) return say("height_unknown");
  const sigma = of.height_sigma_m == null ? "" : ` ±\u00a0${whole(of.height_sigma_m)}\u00a0m`;
  return say("height", { height: `${whole(of.height_agl_m)}\u00a0m${sigma}` });
}

function speedWords(track) {
  if (track.speed_m_s == null) return null;
  if (track.speed_m_s < STILL_M_S) return say("hovering");
  const course = track.track_deg == null ? "" : ` ${say("heading", { wind: windTo(track.track_deg) })}`;
  return `${whole(track.speed_m_s)}\u00a0m/s${course}`;
}

/** What it is; of a manned aircraft no drone's type, whatever its message is read as. */
export function typeWords(track) { return track.source === "adsb" ? say("aircraft") : typeName(track.ua_type); }
export function craftWord(track) { return say(track?.source === "adsb" ? "craft" : "drone"); }

/** Type, height, speed of the live track; of the alert, with its age, where there is none. */
export function droneWords(alert, track, world) {
  if (!track) {
    const seconds = world.age(alert?.last_seen ?? alert?.time);
    return [heightWords(alert), seconds === null ? null : say("at_that_time", { ago: ago(seconds) })].filter(Boolean).join(" · ");
  }
  const seconds = world.age(track.last_seen);
  const type = typeWords(track) + (track.eu_class ? `, ${track.eu_class}` : "");
  const flight = track.phase === "landed" ? [say("on_ground")] : [heightWords(track), speedWords(track)];
  const late = seconds === null || seconds <= FRESH_S ? null : say("at_that_time", { ago: ago(seconds) });
  return [type, ...flight, late].filter(Boolean).join(" · ");
}

export function noticeWords(alert) {
  if (!alert.notice_id) return say(alert.evidence?.notices ? "notices_unknown" : "no_notice");
  const gap = alert.notice_gap ?? {}, missing = [];
  if (gap.metres) missing.push(say("outside", { distance: distance(gap.metres) }));
  if (gap.minutes) {
    const time = duration(Math.abs(gap.minutes) * 60);
    missing.push(gap.minutes > 0 ? say("starts_in", { time }) : say("ended", { ago: say("ago", { time }) }));
  }
  if (gap.identity) missing.push(say(gap.identity === "missing" ? "identity_missing" : "identity_different"));
  if (gap.state) missing.push(say("not_approved"));
  return `${alert.notice_id}: ${missing.join(", ") || say("fits")}`;
}

/** What the alert says; of a silent sensor what the sensors say now; of a handled one what it is about, not how it ended. */
export function telling(alert, world) {
  return (alert.kind === "coverage" && coverageWords(alert, world)) || (lifeOf(alert) === "handled" ? matter(alert) : sentence(alert));
}

export function takenWords(alerts) {
  const taken = alerts.find((alert) => alert.taken_by), handed = alerts.find((alert) => alert.handed_over_by && !alert.taken_by);
  const from = taken?.evidence?.taken_over_from;
  if (taken) return `${say("taken_by", { name: taken.taken_by })}${from ? ` (${say("taken_from", { name: from })})` : ""}`;
  if (!handed) return say("not_taken");
  const to = handed.handed_over_to && say("handed_to", { name: handed.handed_over_to });
  return [[say("handed_by", { name: handed.handed_over_by }), to].filter(Boolean).join(" "), handed.note].filter(Boolean).join(" · ");
}

/** Who handled it and how, and that this ended nothing. */
export function handledWords(alert) {
  if (!alert.closed_by) return say("handled");
  return say(alert.track_id == null ? "handled_still" : "handled_as", { name: alert.closed_by, outcome: outcomeWords(alert.outcome) });
}

/** Of a form that stands open: another was faster, or it ended by itself. */
export function overWords(alert) {
  const outcome = outcomeWords(alert.outcome);
  return alert.closed_by ? say("closed_meanwhile", { name: alert.closed_by, outcome }) : say("ended_meanwhile", { outcome });
}

/** Who has it, since what time of the day where that is known. */
export function ownerWords(name, since) {
  const at = Date.parse(since ?? "");
  return Number.isNaN(at) ? say("has_it", { name }) : say("has_it_since", { name, time: hour(at) });
}

// A pseudonym tells nothing by its length: its beginning is enough to tell two rows apart.
function shortId(id, world) {
  return id && world.status?.mode === "statistics" ? `${id.slice(id.lastIndexOf(":") + 1).slice(0, PSEUDONYM_LETTERS)}…` : id;
}

/** One drone of a flood in a row: who, what, and what people did; in statistics mode the place first. */
export function memberWords(alert, world) {
  const place = world.status?.mode === "statistics" ? placeOf(alert, world.tracks.get(alert.track_id)) : null;
  const acted = lifeOf(alert) === "handled" ? handledWords(alert) : alert.taken_by || alert.handed_over_by ? takenWords([alert]) : null;
  const what = `${shortId(alert.uas_id, world) ?? say("drone")}: ${telling(alert, world)}`;
  return [place && placeWords(place, world), what, acted].filter(Boolean).join(" · ");
}

/** An outcome in words; never the code of one that has none. */
export function outcomeWords(outcome) { return outcome ? say(hasWord(outcome) ? outcome : "over") : say("no_outcome"); }

export function sensorNames(ids, world) {
  const names = new Map(world.sensors.map((sensor) => [sensor.sensor_id, sensor.name]));
  return ids.map((id) => names.get(id) ?? id).join(", ") || say("nobody");
}

/** Where a place is, from the nearest thing that has a name. */
export function placeWords(place, world) {
  const mark = landmark(place, world);
  if (mark === null) return "";
  const [bearing, metres] = bearingAndDistance(mark.at, place);
  return say("of_place", { distance: distance(metres), wind: windOf(bearing), place: mark.name });
}

// What makers' words mean, folded to letters and digits; a word of no known meaning is told as the sensor's own.
const SAYS = [
  [/^invalidlicen[sc]e/, "says_license"], [/^(goodbye|offline|away)/, "says_away"], [/^noactivereceiver/, "says_no_receiver"],
  [/^0messages/, "says_no_messages"], [/^(error|fault|failed|blind)$/, "says_fault"],
];

// What the service itself found out about a sensor's times: it hears, and is not blind.
const TIMES = [[/^clock .*corrected$/, "says_clock"], [/^brings only what is/, "says_old"], [/^clock not set/, "says_not_set"]];

function timesOf(says, sensor) {
  const key = TIMES.find(([words]) => words.test(says))?.[1], ahead = sensor.clock_ahead_s;
  if (key !== "says_clock") return key ? say(key) : null;
  return ahead == null ? say("says_clock_wrong") : say(ahead < 0 ? "says_behind" : "says_ahead", { time: duration(Math.abs(ahead)) });
}

/** Why a sensor does not count: silent for how long, or heard and blind and why. */
export function sensorTrouble(sensor, world) {
  const says = typeof sensor.says === "string" ? sensor.says.trim() : "";
  const times = timesOf(says, sensor);
  if (times !== null) return times;
  if (says !== "") {
    const folded = says.toLowerCase().replace(/[^a-z0-9]+/g, ""), key = SAYS.find(([word]) => word.test(folded))?.[1];
    return key === "says_away" ? say(key) : say("blind", { reason: key ? say(key) : say("says_own", { words: says }) });
  }
  const seconds = world.age(sensor.last_seen);
  return seconds === null ? say("never_heard") : say("silent_for", { time: duration(seconds) });
}

/** The sentence of a coverage alert, made of what the sensors say now: its age is the banner's. */
export function coverageWords(alert, world) {
  const down = world.sensors.filter((sensor) => !sensor.ok && alert.sensors.includes(sensor.sensor_id));
  return down.length === 0 ? null : `${say("coverage_reduced")}: ${down.map((sensor) => troubleOf(sensor, world)).join(", ")}.`;
}

export function troubleOf(sensor, world) { return `${say("sensor_named", { name: sensor.name })} ${sensorTrouble(sensor, world)}`; }

/** Why a handled alert is open again, or nothing. */
export function reopenedWords(alert) {
  const { worse, reopened_by: by } = alert.evidence ?? {}, why = `worse_${worse}`;
  if (worse) return say("opened_again", { why: say(hasWord(why) ? why : "worse_other") });
  return by ? say("reopened_by", { name: by }) : "";
}
