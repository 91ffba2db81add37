// Whether what is shown is live. The page doubts itself: when the server's clock was not heard to move for a while, and
// when its own timer made a jump (a laptop that slept, a date that was set). Then it asks; only an answer ends the doubt.

import { openPipe } from "./pipe.js";
import { read } from "./server.js";

const TICK_MS = 250, ASK_S = 2.0, DOUBT_S = 2.6, JUMP_MS = 2000, ASK_EACH_MS = 1000, PATIENCE_MS = 4000;
const PARTS = ["status", "sensors", "tracks", "alerts"];

/**
 * @param {object} wiring
 * @param {import("./world.js").World} wiring.world
 * @param {(name: string) => void} wiring.changed after each event
 * @param {(live: boolean) => void} wiring.turned when the page begins or ceases to be live
 * @param {() => void} wiring.refused the access token is no longer right
 */
export function follow({ world, changed, turned, refused }) {
  const { clock } = world;
  let doubted = true, asking = false, askedAt = -Infinity, ticked = performance.now(), dated = Date.now(), closed = false;

  const take = (name, data, asked = false) => {
    if (name === "status") clock.hear(data.time, asked);
    world.take(name, data);
    changed(name);
  };

  const hear = ({ name, data }) => {
    if (name === "lost") { doubted = true; judge(); return; }
    try { take(name, JSON.parse(data)); } catch (error) { console.warn("an event that cannot be read", name, error); }
    judge();
  };

  const ask = async () => {
    if (asking || closed || performance.now() - askedAt < ASK_EACH_MS) return;
    asking = true; askedAt = performance.now();
    try {
      const names = world.zones === null ? ["zones", ...PARTS] : PARTS;
      const told = await Promise.all(names.map((name) => read(name, PATIENCE_MS)));
      names.forEach((name, index) => take(name, told[index], true));
      doubted = false;
    } catch (error) {
      if (error.status === 401) { closed = true; refused(); }
    } finally { asking = false; judge(); }
  };

  const judge = () => {
    if (doubted || clock.quiet() > ASK_S) ask();
    const live = !doubted && !closed && clock.quiet() < DOUBT_S;
    if (live !== world.live) { world.live = live; turned(live); }
  };

  const look = () => {
    const now = performance.now(), date = Date.now(), passed = now - ticked;
    const jump = date - dated - passed;
    if (passed > JUMP_MS || Math.abs(jump) > JUMP_MS) doubted = true;
    if (jump > JUMP_MS) clock.slept(jump);
    ticked = now; dated = date;
    judge();
  };

  const pipe = openPipe(hear);
  setInterval(look, TICK_MS);
  for (const event of ["visibilitychange", "resume"]) document.addEventListener(event, look);
  for (const event of ["pageshow", "online", "focus"]) addEventListener(event, look);
  judge();
  return { again() { closed = false; doubted = true; askedAt = -Infinity; pipe.again(); judge(); } };
}
