// What is said of a drone, its pilot and its notice. The live track is told first; only where there is none is it the
// alert's, and then with its age. Card, box, wall and list say it with these words and no others.

import { bearingAndDistance, known, landmark } from "./places.js";
import { ago, distance, duration, whole, windOf, windTo } from "./numbers.js";
import { hasWord, say, typeName } from "./words.js";

const HERE_M = 15, STILL_M_S = 1, FRESH_S = 10;
const PILOT_KINDS = { live: "live", takeoff: "take_off_kind", bearing: "bearing_kind", claimed: "claimed_kind" };

/** Where the drone of an alert is, as far as it is known: of the live track, else of the alert. */
export function placeOf(alert, track) { return known(track) ? track : known(alert) ? alert : null; }
export function pilotOf(alert, track) { return track ? track.pilot : alert?.pilot ?? null; }

/** @returns {{title: string, kind: string}} */
export function pilotWords(pilot, drone, mode, gone = false) {
  if (!known(pilot)) return { title: say(mode === "statistics" ? "hidden_pilot" : "no_pilot"), kind: "" };
  let where = "";
  if (known(drone)) {
    const [bearing, metres] = bearingAndDistance(drone, pilot);
    where = metres < HERE_M ? say("at_drone") : say("of_drone", { distance: distance(metres), wind: windOf(bearing) });
  }
  const accuracy = pilot.accuracy_m == null ? "" : `, ±\u00a0${whole(pilot.accuracy_m)}\u00a0m`;
  const name = say(pilot.kind === "takeoff" ? "takeoff" : gone ? "last_pilot" : "pilot");
  const kind = gone && pilot.kind === "live" ? "" : say(PILOT_KINDS[pilot.kind] ?? "bearing_kind");
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

/** Type, height, speed of the live track; of the alert, with its age, where there is none. */
export function droneWords(alert, track, world) {
  if (!track) {
    const seconds = world.age(alert?.last_seen ?? alert?.time);
    return [heightWords(alert), seconds === null ? null : say("at_that_time", { ago: ago(seconds) })].filter(Boolean).join(" · ");
  }
  const seconds = world.age(track.last_seen);
  const type = typeName(track.ua_type) + (track.eu_class ? `, ${track.eu_class}` : "");
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

/** Why a sensor does not count: silent for how long, or heard and blind and why. */
export function sensorTrouble(sensor, world) {
  const says = typeof sensor.says === "string" ? sensor.says.trim() : "";
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
