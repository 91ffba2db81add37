// Where events come from: a stream that the windows of this browser share, or, where the browser has no shared workers,
// one of this page's own while it is looked at (a hidden page keeps no connection from the others).

export const EVENTS = ["status", "tracks", "alert", "alerts", "sensors", "zones"];
const RETRY_MS = 2000;

/**
 * @param {(message: {name: string, data?: string}) => void} take is given each event; name ``lost``: the link broke
 * @returns {{again: () => void}} ``again`` connects anew
 */
export function openPipe(take) {
  try { return shared(take); } catch { return own(take); }
}

function shared(take) {
  let port = null;
  const join = () => {
    port = new SharedWorker(new URL("stream.js", import.meta.url), { type: "module", name: "airspace live" }).port;
    port.addEventListener("message", ({ data }) => take(data));
    port.start();
  };
  join();
  addEventListener("pagehide", () => port.postMessage("bye"));
  addEventListener("pageshow", (event) => { if (event.persisted) join(); });
  return { again: () => port.postMessage("again") };
}

function own(take) {
  let source = null;
  const connect = () => {
    source?.close(); source = null;
    if (document.hidden) return;
    const made = source = new EventSource(new URL("../live", import.meta.url));
    for (const name of EVENTS) made.addEventListener(name, (event) => take({ name, data: event.data }));
    made.addEventListener("error", () => {
      take({ name: "lost" });
      if (made === source && made.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    });
  };
  connect();
  document.addEventListener("visibilitychange", connect);
  return { again: connect };
}
