// The questions that an act needs answered. Each stands in a place of its own and goes when it is answered or called off.

import { el, text } from "./page.js";
import { say } from "./words.js";

const NAME_LETTERS = 60, NOTE_LETTERS = 200;
export const OUTCOMES = ["warned", "fined", "permit_shown", "not_found", "false_alarm", "own_drone", "other"];
export const SENSOR_OUTCOMES = ["false_alarm", "other"];  // nobody fines a sensor

function button(words, act, more = {}) { return el("button", { type: "button", onclick: act, ...more }, words); }

function field(name, words, letters, required) {
  const input = el("input", { name, maxlength: String(letters), required, autocomplete: "off" });
  const full = el("span", { class: "limit", role: "status" });  // a field that takes no more says so
  input.addEventListener("input", () => text(full, input.value.length >= letters ? say("letters_most", { count: letters }) : ""));
  return { input, label: el("label", {}, words, input, full) };
}

function form(place, submit, ...parts) {
  const made = el("form", { onsubmit: (event) => { event.preventDefault(); submit(); } }, ...parts);
  place.replaceChildren(made);
  made.scrollIntoView({ block: "nearest" });
  return made;
}

const pair = (leave) => el("span", { class: "pair" },
  el("button", { type: "submit", class: "primary" }, say("ok")), button(say("cancel"), leave, { class: "leave" }));

/** A name; ``last`` is offered as it was. */
export function askName(place, last, then, left = () => {}) {
  const leave = () => { place.replaceChildren(); left(); };
  const { input, label } = field("your_name", say("your_name"), NAME_LETTERS, true);
  const same = last && el("div", { class: "same" }, el("p", {}, say("still_you", { name: last })),
    button(say("yes_still", { name: last }), () => { place.replaceChildren(); then(last); }, { class: "primary" }));
  form(place, () => { const name = input.value.trim(); place.replaceChildren(); if (name) then(name); }, same, label, pair(leave));
  input.focus();
}

/** To whom, and a note. */
export function askHandOver(place, then) {
  const to = field("to_whom", say("to_whom"), NAME_LETTERS, true), note = field("note", say("note_for"), NOTE_LETTERS, false);
  const submit = () => {
    const given = { to: to.input.value.trim(), note: note.input.value.trim() || null };
    place.replaceChildren();
    if (given.to) then(given);
  };
  form(place, submit, to.label, note.label, pair(() => place.replaceChildren()));
  to.input.focus();
}

/** How it ended, one of ``choices``, with a note if there is one to make: that first, since a choice sends. */
export function askOutcome(place, choices, then) {
  const note = field("note", say("note_for"), NOTE_LETTERS, false);
  const choose = (outcome) => { const written = note.input.value.trim() || null; place.replaceChildren(); then({ outcome, note: written }); };
  const outcomes = choices.map((outcome) => button(say(outcome), () => choose(outcome), { value: outcome }));
  const leave = button(say("cancel"), () => place.replaceChildren(), { class: "leave" });
  const made = form(place, () => {}, note.label, el("p", {}, say("which_outcome")), el("div", { class: "outcomes" }, ...outcomes), leave);
  made.querySelector("button").focus({ preventScroll: true });
}

/** Another has it: knowingly take it over, or leave it. ``words`` say who and since when. */
export function askTakeOver(place, words, name, then) {
  const leave = () => place.replaceChildren();
  place.replaceChildren(el("div", { class: "owner", role: "alert" }, el("p", {}, words), el("span", { class: "pair" },
    button(say("yes_take_over", { name }), () => { leave(); then(); }, { class: "primary over" }), button(say("cancel"), leave, { class: "leave" }))));
  place.querySelector("button.leave").focus({ preventScroll: true });
}
