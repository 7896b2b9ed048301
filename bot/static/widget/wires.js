// What a connection speaks over: a WebSocket, or plain requests where the network lets none through. Both carry frames in order:
// new Wire(url, { opened(), frame(f), closed(code) }, authorization), send(frame), close() without a word to the handlers.

const FETCH_WITHIN_MS = 40_000; // the service holds a request for 25 s
const FRAMES_A_POST = 20;
const BODY_CHARS = 60_000;
const GONE = 1006;
const LOGIN_OVER = 4401;
const TOO_BIG = 1009;

export class SocketWire {
  static path = "/widget/socket";

  constructor(handlers) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}${SocketWire.path}`);
    this.socket.onopen = () => handlers.opened();
    this.socket.onmessage = (event) => handlers.frame(JSON.parse(event.data));
    this.socket.onclose = (event) => handlers.closed(event.code);
  }

  send(frame) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  close() {
    this.socket.onopen = this.socket.onclose = this.socket.onmessage = null;
    this.socket.close();
  }
}

export class PolledWire {
  static path = "/widget/line";
  #session = null;
  #after = 0;
  #waiting = []; // frames to post, one request at a time so that they arrive in order
  #posting = false;
  #ended = new AbortController();
  #handlers;
  #authorization;

  constructor(handlers, authorization) {
    this.#handlers = handlers;
    this.#authorization = authorization;
    // As with a socket, the handlers hear of it after the constructor is done.
    queueMicrotask(() => handlers.opened());
  }

  send(frame) {
    if (this.#isOver) return;
    this.#waiting.push(frame);
    if (!this.#posting) this.#run(() => this.#post());
  }

  close() {
    this.#ended.abort();
  }

  get #isOver() {
    return this.#ended.signal.aborted;
  }

  // Whatever fails ends the wire: the next one says hello with what is here and sends what has no acknowledgement.
  async #run(work) {
    try {
      await work();
    } catch (error) {
      this.#end(error.closeCode ?? GONE);
    }
  }

  #end(code) {
    if (this.#isOver) return;
    this.close();
    this.#handlers.closed(code);
  }

  async #post() {
    this.#posting = true;
    while (this.#waiting.length && !this.#isOver) {
      const frames = this.#batch();
      if (this.#session) await this.#request(`${PolledWire.path}/${this.#session}`, frames);
      else await this.#open(frames);
    }
    this.#posting = false;
  }

  #batch() {
    let chars = 0;
    const fits = (frame, n) => n < FRAMES_A_POST && ((chars += JSON.stringify(frame).length) < BODY_CHARS || n === 0);
    const end = this.#session ? this.#waiting.findIndex((frame, n) => !fits(frame, n)) : 1;
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #open(hello) {
    const news = await this.#request(PolledWire.path, hello);
    this.#session = news.session;
    this.#take(news);
    this.#run(() => this.#follow());
  }

  async #follow() {
    while (!this.#isOver) this.#take(await this.#request(`${PolledWire.path}/${this.#session}?after=${this.#after}`));
  }

  #take({ after, frames, closed }) {
    this.#after = after;
    for (const frame of frames) if (!this.#isOver) this.#handlers.frame(frame);
    if (closed !== null) this.#end(closed);
  }

  // Posts the frames, or asks for news where there are none.
  async #request(path, frames) {
    const late = setTimeout(() => this.#end(GONE), FETCH_WITHIN_MS);
    const body = frames && JSON.stringify(frames);
    const headers = { ...(this.#session ? this.#authorization() : {}), ...(body ? { "Content-Type": "application/json" } : {}) };
    try {
      const response = await fetch(path, { method: body ? "POST" : "GET", body, headers, signal: this.#ended.signal, cache: "no-store" });
      if (!response.ok) throw Object.assign(new Error(), { closeCode: { 401: LOGIN_OVER, 413: TOO_BIG }[response.status] ?? GONE });
      return response.status === 204 ? null : await response.json();
    } finally {
      clearTimeout(late);
    }
  }
}
