// Questions to the service, and what people do. A refusal is said in the reader's language, never in the service's.

import { say } from "./words.js";

const PATIENCE_MS = 8000;

/** @param {string} name below /api/v1/ @param {number} patience in ms; throws an Error with ``status`` */
export async function read(name, patience = PATIENCE_MS) {
  const answer = await fetch(new URL(`../api/v1/${name}`, import.meta.url), { signal: AbortSignal.timeout(patience) });
  if (!answer.ok) throw Object.assign(new Error(name), { status: answer.status });
  return answer.json();
}

/** Send an act. @returns {Promise<{ok: boolean, status: number, told: object}>} status 0: no answer */
export async function send(path, body) {
  const headers = { "Content-Type": "application/json" };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(new URL(`../api/v1/${path}`, import.meta.url), { method: "POST", headers, body: JSON.stringify(body), signal });
    const told = await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, told };
  } catch { return { ok: false, status: 0, told: {} }; }
}

const KNOWN = new Set([0, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]);

/** Why an act was refused, in words. @param {number} status */
export function refusal(status) { return say(KNOWN.has(status) ? `failed_${status}` : "failed_500"); }
