// A shared worker: one event stream for all windows of the console. A browser opens six connections to a server and no
// more; with a stream in each window the seventh would never load, and six could not send.

import { EVENTS } from "./pipe.js";

const RETRY_MS = 2000;
const ports = new Set();
let source = null, retry = null;

function tell(message) { for (const port of ports) port.postMessage(message); }

function connect() {
  clearTimeout(retry); source?.close();
  source = new EventSource(new URL("../live", import.meta.url));
  for (const name of EVENTS) source.addEventListener(name, (event) => tell({ name, data: event.data }));
  source.addEventListener("error", () => {
    tell({ name: "lost" });
    if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
  });
}

function leave(port) {
  ports.delete(port);
  if (ports.size === 0) { clearTimeout(retry); source?.close(); source = null; }
}

globalThis.addEventListener("connect", ({ ports: [port] }) => {
  ports.add(port);
  port.addEventListener("message", ({ data }) => { if (data === "bye") leave(port); else if (data === "again") connect(); });
  port.start();
  if (source === null || source.readyState === EventSource.CLOSED) connect();
});
