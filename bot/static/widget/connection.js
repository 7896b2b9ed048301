// Keeps one line open: hello on every opening, back-off with jitter between tries, and a ping that finds dead lines.
import { Choice } from "./choice.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
const WELCOME_WITHIN_MS = 10_000; // a proxy may let a socket open and its frames vanish
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const LOGIN_OVER = 4401;

export class Connection {
  #wire = null;
  #isWelcome = false;
  #failures = 0;
  #timers = {};
  #choice = new Choice();
  #handlers;

  // handlers: hello() gives the frame to open with, authorization() the headers of requests, frame(f),
  // status("connecting" | "open" | "waiting" | "over"), closed(code)
  constructor(handlers) {
    this.#handlers = handlers;
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retryNow());
  }

  open() {
    this.#stopTimers();
    this.#isWelcome = false;
    this.#handlers.status("connecting");
    const Wire = this.#choice.next();
    const wire = new Wire(
      {
        opened: () => wire.send(this.#handlers.hello()),
        frame: (frame) => wire === this.#wire && this.#take(frame),
        closed: (code) => wire === this.#wire && this.#closed(code),
      },
      this.#handlers.authorization,
    );
    this.#wire = wire;
    this.#timers.welcome = setTimeout(() => this.#giveUp(), WELCOME_WITHIN_MS);
  }

  send(frame) {
    this.#wire?.send(frame);
  }

  // Opens anew at once, as somebody else perhaps.
  restart() {
    this.#abandon();
    this.#failures = 0;
    this.open();
  }

  retryNow() {
    if (this.#timers.retry) this.open();
    else if (this.#isWelcome) this.#ping();
  }

  #take(frame) {
    clearTimeout(this.#timers.pong);
    this.#timers.pong = null;
    if (frame.type === "pong") return;
    if (frame.type === "welcome") this.#welcomed();
    this.#handlers.frame(frame);
  }

  #welcomed() {
    this.#isWelcome = true;
    this.#failures = 0;
    this.#choice.welcomed();
    clearTimeout(this.#timers.welcome);
    this.#timers.ping = setInterval(() => this.#ping(), PING_EVERY_MS);
    this.#handlers.status("open");
  }

  #ping() {
    if (this.#choice.isSocketDue()) this.#choice.probe(() => this.restart());
    if (this.#timers.pong) return;
    this.send({ type: "ping" });
    // A half-open line may take minutes to close; we do not wait for it.
    this.#timers.pong = setTimeout(() => this.#giveUp(), PONG_WITHIN_MS);
  }

  #giveUp() {
    this.#abandon();
    this.#closed(1006);
  }

  #closed(code) {
    this.#wire = null;
    this.#stopTimers();
    if (!this.#isWelcome && code !== LOGIN_OVER) this.#choice.failed();
    this.#isWelcome = false;
    this.#handlers.closed(code);
    if (code === LOGIN_OVER) {
      this.#handlers.status("over");
      return;
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
    this.#timers.retry = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2));
    this.#handlers.status("waiting");
  }

  #abandon() {
    this.#stopTimers();
    this.#wire?.close();
    this.#wire = null;
  }

  #stopTimers() {
    Object.values(this.#timers).forEach(clearTimeout);
    this.#timers = {};
  }
}
