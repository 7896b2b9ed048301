// Keeps one socket open: hello on every opening, back-off with jitter between tries, and a ping that finds dead lines.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const LOGIN_OVER = 4401;

export class Connection {
  #socket = null;
  #failures = 0;
  #timers = {};
  #handlers;

  // handlers: hello() gives the frame to open with, frame(f), status("connecting" | "open" | "waiting" | "over"), closed(code)
  constructor(url, handlers) {
    this.#handlers = handlers;
    this.url = url;
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retryNow());
  }

  open() {
    this.#stopTimers();
    this.#handlers.status("connecting");
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.#handlers.hello()));
    socket.onmessage = (event) => this.#take(socket, JSON.parse(event.data));
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  // Opens anew at once, as somebody else perhaps.
  restart() {
    this.#abandon();
    this.#failures = 0;
    this.open();
  }

  retryNow() {
    if (this.#timers.retry) this.open();
    else if (this.#socket?.readyState === WebSocket.OPEN) this.#ping(this.#socket);
  }

  #take(socket, frame) {
    if (socket !== this.#socket) return;
    clearTimeout(this.#timers.pong);
    this.#timers.pong = null;
    if (frame.type === "pong") return;
    if (frame.type === "welcome") {
      this.#failures = 0;
      this.#timers.ping = setInterval(() => this.#ping(socket), PING_EVERY_MS);
      this.#handlers.status("open");
    }
    this.#handlers.frame(frame);
  }

  #ping(socket) {
    if (this.#timers.pong) return;
    this.send({ type: "ping" });
    this.#timers.pong = setTimeout(() => {
      // A half-open line may take minutes to close; we do not wait for it.
      this.#abandon();
      this.#closed(socket, 1006);
    }, PONG_WITHIN_MS);
  }

  #closed(socket, code) {
    if (this.#socket !== socket && this.#socket !== null) return;
    this.#socket = null;
    this.#stopTimers();
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
    const socket = this.#socket;
    this.#socket = null;
    this.#stopTimers();
    if (socket) {
      socket.onclose = socket.onmessage = null;
      socket.close();
    }
  }

  #stopTimers() {
    clearTimeout(this.#timers.retry);
    clearInterval(this.#timers.ping);
    clearTimeout(this.#timers.pong);
    this.#timers = {};
  }
}
