// The console's words in Dutch (B1) and English, and how it says numbers. Sentences about alerts come from the service.

const WORDS = {
  en: {
    title: "Airspace",
    clear: "Clear", watch: "Watch", drone_near: "Drone near", over_crowd: "Over crowd", coverage_reduced: "Coverage reduced",
    unknown_state: "No live data",
    open_alerts: "Open alerts", authorised: "Authorised now", sensors: "Sensors", data_age: "Data age", clock: "Time",
    today: "Today", flights: "flights", unauthorised: "not allowed", suspected_n: "suspected", of: "of",
    violation: "Not allowed", suspected: "Suspected", situation: "Situation", not_decidable: "Unsure", allowed: "Allowed",
    unjudged: "No rule concerns it here", spoof: "Signal not reliable", coverage: "Coverage",
    aircraft: "Helicopter or aeroplane (ADS-B)",
    priority: "Priority", open_for: "open for", seen: "seen", last_seen: "Last seen", ago: "ago", now: "just now",
    pilot: "Pilot", takeoff: "Take-off point", no_pilot: "Pilot: place not known", hidden_pilot: "Pilot: not shown in statistics mode",
    of_drone: "of the drone", at_drone: "at the drone's own place",
    live: "live", take_off_kind: "where it took off, not where the pilot is", bearing_kind: "direction only", claimed_kind: "claimed by a doubtful signal",
    drone: "Drone", height: "above ground", height_unknown: "height not known", hovering: "standing still", heading: "to the", unknown_type: "type not said",
    notice: "Notice", no_notice: "none for this drone", nearest: "nearest", outside: "outside its area", starts_in: "starts in", ended: "ended",
    identity_missing: "the drone gives no serial number", identity_different: "for another drone", not_approved: "not approved", fits: "fits",
    heard_by: "Heard by", nobody: "no sensor", taken_by: "Taken by", not_taken: "nobody yet", note_handed: "Handed over by",
    id: "Id", self_id: "Says of itself", operator: "Operator", zone: "Zone", rule: "Rule",
    take: "Take it", hand_over: "Hand over", outcome: "Outcome", cancel: "Cancel", ok: "Send",
    your_name: "Your call sign or name", to_whom: "To", which_outcome: "How did it end?", close_card: "Back to the list",
    warned: "Warned", fined: "Fined", permit_shown: "Permit shown", not_found: "Nobody found", false_alarm: "False alarm", own_drone: "Own drone", other: "Other",
    sending: "Sending ...", failed: "Not sent", failed_404: "This alert is no longer open.", failed_409: "Someone has already done this.",
    honest: "Honest causes", why: "Why?", why_one: "Why? One of these drones", asking: "Asking ...", why_gone: "This drone is no longer heard.", why_failed: "No answer",
    before_take_off: "Before take-off", controller_on: "Controller on; drone still on the ground", of_place: "of the middle of the map",
    direction_only: "No Remote ID: where it may be",
    closed: "Closed", no_alerts: "No open alerts.", all_heard: "All sensors are heard.", list_empty: "Waiting for the first picture ...",
    no_room: "too many signals at once", not_followed: "not followed in the last minute", silent: "has been silent for", reduced: "No drone seen does not mean no drone.", sensor: "sensor",
    lost: "No live data since", lost_tail: "What you see is old.", connecting: "Connecting ...",
    map: "Map", list: "List", legend: "Legend", show_on_map: "Show on map",
    dark: "Dark", light: "Light", sound_on: "Sound on", sound_off: "Sound off", other_language: "NL", other_language_name: "Nederlands", short_open_alerts: "Alerts", short_authorised: "Authorised", short_sensors: "Sensors", short_data_age: "Age",
    no_webgl: "This device cannot draw the map (no WebGL). The list keeps working.",
    tiles_note: "The viewed area is known to the tile server", no_tiles: "No background map: zones and a grid of degrees",
    legal: "Zone in law", alert_only: "Zone for alerts only", pilot_live: "Pilot, live place", pilot_takeoff: "Take-off point", last_seen_ring: "Not heard: where it may be", sensor_down: "Sensor silent",
    to_bowl: "To the crowd", no_approach: "No drone approaches", no_approach_seen: "No drone seen approaching", wall_clock: "Clock",
    token: "Access token", sign_in: "Sign in", token_wrong: "That token is not right.",
    north: "north", degrees: "Grid",
  },
  nl: {
    title: "Luchtruim",
    clear: "Rustig", watch: "Let op", drone_near: "Drone dichtbij", over_crowd: "Boven publiek", coverage_reduced: "Zicht beperkt",
    unknown_state: "Geen live beeld",
    open_alerts: "Alarmen", authorised: "Aangemeld nu", sensors: "Sensoren", data_age: "Beeld is", clock: "Tijd",
    today: "Vandaag", flights: "vluchten", unauthorised: "niet toegestaan", suspected_n: "vermoed", of: "van",
    violation: "Niet toegestaan", suspected: "Vermoeden", situation: "Situatie", not_decidable: "Onzeker", allowed: "Toegestaan",
    unjudged: "Hier geldt geen regel", spoof: "Signaal niet betrouwbaar", coverage: "Zicht",
    aircraft: "Helikopter of vliegtuig (ADS-B)",
    priority: "Prioriteit", open_for: "open sinds", seen: "gezien", last_seen: "Laatst gezien", ago: "geleden", now: "zojuist",
    pilot: "Piloot", takeoff: "Startplek", no_pilot: "Piloot: plek niet bekend", hidden_pilot: "Piloot: niet zichtbaar in statistiekstand",
    of_drone: "van de drone", at_drone: "op de plek van de drone",
    live: "live", take_off_kind: "hier is gestart, de piloot kan elders zijn", bearing_kind: "alleen richting", claimed_kind: "genoemd door een twijfelachtig signaal",
    drone: "Drone", height: "boven de grond", height_unknown: "hoogte niet bekend", hovering: "hangt stil", heading: "naar het", unknown_type: "type niet genoemd",
    notice: "Melding", no_notice: "geen voor deze drone", nearest: "dichtstbijzijnde", outside: "buiten het gebied", starts_in: "begint over", ended: "afgelopen",
    identity_missing: "de drone noemt geen serienummer", identity_different: "voor een andere drone", not_approved: "niet goedgekeurd", fits: "past",
    heard_by: "Gehoord door", nobody: "geen sensor", taken_by: "Aangenomen door", not_taken: "nog niemand", note_handed: "Overgedragen door",
    id: "Id", self_id: "Noemt zichzelf", operator: "Exploitant", zone: "Zone", rule: "Regel",
    take: "Neem aan", hand_over: "Draag over", outcome: "Afloop", cancel: "Annuleer", ok: "Verstuur",
    your_name: "Je roepnaam of naam", to_whom: "Aan", which_outcome: "Hoe liep het af?", close_card: "Terug naar de lijst",
    warned: "Gewaarschuwd", fined: "Bekeurd", permit_shown: "Vergunning getoond", not_found: "Niemand gevonden", false_alarm: "Vals alarm", own_drone: "Eigen drone", other: "Anders",
    sending: "Versturen ...", failed: "Niet verstuurd", failed_404: "Dit alarm is niet meer open.", failed_409: "Iemand heeft dit al gedaan.",
    honest: "Onschuldige oorzaken", why: "Waarom?", why_one: "Waarom? Eén van deze drones", asking: "Vragen ...", why_gone: "Deze drone is niet meer te horen.", why_failed: "Geen antwoord",
    before_take_off: "Voor de start", controller_on: "Afstandsbediening aan; drone nog op de grond", of_place: "van het midden van de kaart",
    direction_only: "Geen Remote ID: waar hij kan zijn",
    closed: "Afgesloten", no_alerts: "Geen open alarmen.", all_heard: "Alle sensoren zijn te horen.", list_empty: "Wacht op het eerste beeld ...",
    no_room: "te veel signalen tegelijk", not_followed: "niet gevolgd in de laatste minuut", silent: "zwijgt", reduced: "Geen drone gezien is niet hetzelfde als geen drone.", sensor: "sensor",
    lost: "Geen live beeld sinds", lost_tail: "Wat je ziet is oud.", connecting: "Verbinden ...",
    map: "Kaart", list: "Lijst", legend: "Legenda", show_on_map: "Toon op kaart",
    dark: "Donker", light: "Licht", sound_on: "Geluid aan", sound_off: "Geluid uit", other_language: "EN", other_language_name: "English", short_open_alerts: "Alarmen", short_authorised: "Aangemeld", short_sensors: "Sensoren", short_data_age: "Beeld",
    no_webgl: "Dit apparaat kan de kaart niet tekenen (geen WebGL). De lijst werkt gewoon.",
    tiles_note: "Het bekeken gebied is bekend bij de kaartserver", no_tiles: "Geen achtergrondkaart: zones en een gradennet",
    legal: "Zone volgens de wet", alert_only: "Zone alleen voor alarmen", pilot_live: "Piloot, live plek", pilot_takeoff: "Startplek", last_seen_ring: "Niet gehoord: waar hij kan zijn", sensor_down: "Sensor zwijgt",
    to_bowl: "Tot het publiek", no_approach: "Geen drone nadert", no_approach_seen: "Geen drone gezien die nadert", wall_clock: "Klok",
    token: "Toegangscode", sign_in: "Meld aan", token_wrong: "Die code klopt niet.",
    north: "noord", degrees: "Gradennet",
  },
};

const WINDS = {
  en: ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"],
  nl: ["noorden", "noordoosten", "oosten", "zuidoosten", "zuiden", "zuidwesten", "westen", "noordwesten"],
};
const SIDES_NL = ["noord", "noordoost", "oost", "zuidoost", "zuid", "zuidwest", "west", "noordwest"];
const TYPES = {
  en: { aeroplane: "aeroplane", multirotor: "multirotor", gyroplane: "gyroplane", hybrid_lift: "vertical take-off aeroplane", glider: "glider", kite: "kite", free_balloon: "balloon", captive_balloon: "tethered balloon", airship: "airship", tethered: "tethered drone", other: "other aircraft" },
  nl: { aeroplane: "vleugeldrone", multirotor: "multirotor", gyroplane: "gyrokopter", hybrid_lift: "verticaal startende vleugeldrone", glider: "zwever", kite: "vlieger", free_balloon: "ballon", captive_balloon: "kabelballon", airship: "luchtschip", tethered: "drone aan kabel", other: "ander toestel" },
};

let language = "en";

export function setLanguage(chosen) { language = chosen === "nl" ? "nl" : "en"; }
export function getLanguage() { return language; }
export function say(key) { return WORDS[language][key] ?? key; }
export function hasWord(key) { return Object.hasOwn(WORDS[language], key); }
export function sentence(alert) { return (language === "nl" ? alert.sentence_nl : alert.sentence_en) ?? ""; }
export function typeName(type) { return TYPES[language][type] ?? say("unknown_type"); }
export const LANGUAGES = Object.freeze(Object.keys(WORDS));
export const wordKeys = (name) => Object.keys(WORDS[name]).sort();

function decimal(value, digits) {
  return value.toLocaleString(language === "nl" ? "nl-NL" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function whole(value) { return decimal(value, 0); }

export function distance(metres) {
  if (metres < 100) return `${Math.round(metres / 5) * 5}\u00a0m`;
  return metres < 1000 ? `${Math.round(metres / 10) * 10}\u00a0m` : `${decimal(metres / 1000, 1)}\u00a0km`;
}

export function windTo(degrees) { return WINDS[language][Math.round(degrees / 45) % 8]; }
export function windOf(degrees) {
  const side = Math.round(degrees / 45) % 8;
  return language === "nl" ? `ten ${SIDES_NL[side]}en` : WINDS.en[side];
}

export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}\u00a0s`;
  if (s < 600) return `${Math.floor(s / 60)} min ${s % 60}\u00a0s`;
  const [hour, tail] = language === "nl" ? ["u", "min"] : ["h", "min"];
  return s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} ${hour} ${Math.floor((s % 3600) / 60)} ${tail}`;
}

export function minutes(value) { return duration(Math.abs(value) * 60); }
export function ago(seconds) {
  if (seconds < 1) return say("now");
  return `${duration(seconds)} ${say("ago")}`;
}
export function clock(ms) {
  return new Date(ms).toLocaleTimeString(language === "nl" ? "nl-NL" : "en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
