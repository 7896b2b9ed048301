// Which wire to open next. WebSockets first; where two of them never got as far as a welcome, plain requests, for this visit too.
import { PolledWire, SocketWire } from "./wires.js";

const KEPT = "huiyin.wire";
const SOCKETS_TRIED = 2;
const SOCKET_AGAIN_MS = 5 * 60_000;

export class Choice {
  #unwelcomed = 0;
  #polls = isKept();
  #since = Date.now();

  next() {
    return this.#polls ? PolledWire : SocketWire;
  }

  welcomed() {
    this.#unwelcomed = 0;
    keep(this.#polls);
  }

  // An opening that got no welcome. If requests fare no better it was not the socket's fault.
  failed() {
    this.#unwelcomed += 1;
    if (this.#polls) this.#turn(false);
    else if (this.#unwelcomed >= SOCKETS_TRIED) this.#turn(true);
  }

  // Whether it is time to see if a socket gets through by now.
  isSocketDue() {
    return this.#polls && Date.now() - this.#since >= SOCKET_AGAIN_MS;
  }

  // Tells through *found* whether a socket opens; the wire in use is not touched.
  probe(found) {
    this.#since = Date.now();
    const wire = new SocketWire({
      opened: () => {
        wire.close();
        this.#turn(false);
        found();
      },
      frame() {},
      closed() {},
    });
  }

  #turn(polls) {
    this.#polls = polls;
    this.#unwelcomed = 0;
    this.#since = Date.now();
  }
}

function isKept() {
  try {
    return sessionStorage.getItem(KEPT) === "polled";
  } catch {
    return false;
  }
}

function keep(polls) {
  try {
    if (polls) sessionStorage.setItem(KEPT, "polled");
    else sessionStorage.removeItem(KEPT);
  } catch {
    // no storage: asked anew on every page
  }
}
