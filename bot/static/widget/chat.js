// The conversation as the customer has it: what was said, what still waits to be sent, and who is speaking. Draws nothing.
import { computed, effect, signal } from "/static/vendor/signals.js";
import { Connection } from "./connection.js";
import { Earlier } from "./earlier.js";
import { dropFile, dropOldFiles, keepFile, keptFile } from "./kept_files.js";
import { load, remove, save } from "./memory.js";
import { fill, texts } from "./texts.js";
import { dropUnsent, keepUnsent, keptUnsent, ownerOf } from "./unsent.js";

const VISITOR = "huiyin.visitor";
const TOO_BIG = 1009;
const TYPES_FOR_MS = 8000;

export class Chat {
  entries = signal([]); // messages of the service, in order
  pending = signal([]); // ours that are not among them yet
  draft = signal(""); // what is being written
  connection = signal("connecting");
  state = signal({ holder: "bot", position: 0, wait_minutes: null, agent: null });
  agentTypes = signal(false);
  earlier = new Earlier((place) => this.connection.value === "open" && this.#line.send({ type: "earlier", ...place }));
  name = signal(null);
  limits = { text_chars: 8000, image_bytes: 10 * 1024 * 1024, video_bytes: 50 * 1024 * 1024, video_s: 60, attachments: 9 };
  isSettled = false; // history is here: what comes now is news
  onNews = () => {};
  onLoginOver = () => {};

  #place = { conversation: null, seq: 0 };
  #resuming = false;
  #spoken; // the language that the service knows of
  #stopsTyping;
  #credentials = { token: null };
  #uploads = new Map(); // what is on its way, by client_id
  #line;

  constructor() {
    this.#line = new Connection({
      hello: () => this.#hello(),
      authorization: () => this.#authorization(),
      frame: (frame) => this.#take(frame),
      closed: (code) => this.#closed(code),
      status: (status) => {
        this.connection.value = status;
        if (status === "over") this.onLoginOver();
      },
    });
  }

  // The bot owes an answer: ours was the last word and nobody else has taken over.
  awaiting = computed(() => {
    if (this.state.value.holder !== "bot" || this.connection.value !== "open") return false;
    if (this.pending.value.some((item) => item.sent && !item.error && !item.quiet)) return true;
    return this.entries.value.at(-1)?.speaker === "customer";
  });

  isNew = computed(() => this.entries.value.length === 0 && this.pending.value.length === 0);

  start(token) {
    this.#credentials.token = token || null;
    this.#takeUpUnsent();
    effect(() => this.#keep());
    this.#line.open();
  }

  // Whoever signs in goes on with what they were writing; another customer, or nobody after one, begins with nothing.
  // True when it is somebody else.
  identify(token) {
    const before = this.#credentials.token;
    if ((token || null) === before) return false;
    const isSame = ownerOf(before) === ownerOf(token);
    this.#credentials.token = token || null;
    if (before !== null && !isSame) this.#dropUnsent();
    if (!isSame) {
      this.#forget();
      this.#takeUpUnsent();
    }
    this.#line.restart();
    return before !== null && !isSame;
  }

  reset() {
    remove(VISITOR);
    this.#credentials.token = null;
    this.#dropUnsent();
    this.#forget();
    this.#line.restart();
  }

  send(text, payload) {
    if (text.length > this.limits.text_chars) {
      return fill(texts.refused.too_long, { count: text.length, limit: this.limits.text_chars });
    }
    this.#enqueue({ text, payload });
    return null;
  }

  // A picture or a short video. Returns a sentence when it can't be sent.
  sendFile(file) {
    const kind = /^image\/(jpeg|png|webp)$/.test(file.type) ? "image" : /^video\/(mp4|webm)$/.test(file.type) ? "video" : null;
    if (!kind) return texts.refused.image_type;
    const limit = this.limits[`${kind}_bytes`];
    if (file.size > limit) return fill(texts.refused[`${kind}_bytes`], { limit: Math.floor(limit / 1048576) });
    this.#enqueue({ text: "", file, kind, preview: URL.createObjectURL(file), progress: 0 });
    return null;
  }

  retry(id) {
    this.#change(id, { error: null, client_id: newId(), sent: false });
    this.#flush();
  }

  drop(id) {
    this.#uploads.get(id)?.abort();
    this.#dropFileOf(id);
    this.pending.value = this.pending.value.filter((item) => item.client_id !== id);
    this.#flush();
  }

  // Shows what was said before everything that is shown.
  lookBack() {
    this.earlier.look(this.entries.value[0]);
  }

  // The content of a file that was sent with a message, as an address for <img>.
  async file(url) {
    const response = await fetch(url, { headers: this.#authorization() });
    if (!response.ok) throw new Error(String(response.status));
    return URL.createObjectURL(await response.blob());
  }

  // --- sending ---------------------------------------------------------------------------------------------------------

  #enqueue(item) {
    const client_id = newId();
    if (item.file) keepFile(client_id, item.file);
    const key = item.file && client_id; // stays when a retry takes another id
    this.pending.value = [...this.pending.value, { ...item, client_id, key, at: new Date().toISOString() }];
    this.#flush();
  }

  // In order: what cannot go yet holds back what was written after it; what was refused does not.
  #flush() {
    if (this.connection.value !== "open") return;
    for (const item of this.pending.value) {
      if (item.sent || item.error || item.seq) continue;
      if (item.isSought) return;
      if (item.file && !item.upload) {
        this.#upload(item);
        return;
      }
      const uploads = item.upload ? [item.upload] : [];
      this.#line.send({ type: "message", client_id: item.client_id, text: item.text, payload: item.payload, uploads });
      this.#change(item.client_id, { sent: true });
    }
  }

  async #upload(item) {
    const id = item.client_id;
    if (item.uploading) return;
    this.#change(id, { uploading: true, progress: 0 });
    const change = { uploading: false };
    const upload = sent(item.file, this.#authorization(), (progress) => this.#change(id, { progress }));
    this.#uploads.set(id, upload);
    try {
      const { status, body } = await upload.answer;
      if (status < 300) change.upload = body.upload;
      // 503 with a sentence of its own: no file can be taken just now, and trying again at once would not help.
      else if (status < 500 || body.title === "not_scanned") change.error = refusal(body);
    } catch {
      // The network, or dropped by the customer: tried again with the next opening if it is still there.
    }
    this.#uploads.delete(id);
    this.#change(id, change);
    if (change.upload || change.error) this.#flush();
    else if (this.connection.value === "open" && this.pending.value.some((other) => other.client_id === id)) this.#line.restart();
  }

  #authorization() {
    return { Authorization: `Bearer ${this.#credentials.token ?? load(VISITOR) ?? ""}` };
  }

  #change(id, change) {
    this.pending.value = this.pending.value.map((item) => (item.client_id === id ? { ...item, ...change } : item));
  }

  // --- what the service says -------------------------------------------------------------------------------------------

  #hello() {
    const { conversation, seq } = this.#place;
    const { token } = this.#credentials;
    this.#spoken = texts.locale;
    return { type: "hello", token: token ?? undefined, visitor: load(VISITOR) ?? undefined, conversation: conversation ?? undefined, after: seq, locale: texts.locale };
  }

  #take(frame) {
    if (frame.type === "welcome") this.#welcomed(frame);
    else if (frame.type === "message") this.#message(frame.message);
    else if (frame.type === "ack") this.#acknowledged(frame);
    else if (frame.type === "state") this.#stateOf(frame);
    else if (frame.type === "earlier") this.earlier.take(frame);
    else if (frame.type === "typing") this.#typing(frame.on);
    else if (frame.type === "error") this.#refused(frame);
  }

  #welcomed(frame) {
    if (frame.visitor) save(VISITOR, frame.visitor);
    this.limits = frame.limits;
    this.name.value = frame.name;
    if (frame.conversation !== this.#place.conversation || frame.after !== this.#place.seq) {
      this.#forget();
      this.earlier.begin(frame.earlier);
    }
    this.earlier.askAgain();
    this.#place = { conversation: frame.conversation, seq: frame.after };
    this.state.value = { ...this.state.value, holder: frame.holder };
    this.speak(); // it may have changed since hello
    // Whatever has no answer goes out again under the same id; the service knows what it has already.
    this.pending.value = this.pending.value.map((item) => ({ ...item, sent: false }));
    this.#flush();
  }

  #message(message) {
    const here = this.#place;
    const next = message.conversation !== here.conversation;
    if (!next && message.seq <= here.seq) return;
    if (message.prev !== (next ? 0 : here.seq)) {
      // Something between is missing: ask for everything after what we have.
      if (!this.#resuming) this.#line.send({ type: "resume", conversation: here.conversation, after: here.seq });
      this.#resuming = true;
      return;
    }
    this.#resuming = false;
    this.#place = { conversation: message.conversation, seq: message.seq };
    this.entries.value = [...this.entries.value, message];
    this.#settle();
    if (message.speaker === "agent") this.#typing(false);
    if (message.speaker !== "customer") this.onNews(message);
  }

  #stateOf(frame) {
    this.state.value = frame;
    if (!this.isSettled) dropOldFiles();
    this.isSettled = true;
  }

  // Somebody who stops without a word is not shown writing for ever.
  #typing(on) {
    clearTimeout(this.#stopsTyping);
    this.agentTypes.value = on;
    if (on) this.#stopsTyping = setTimeout(() => (this.agentTypes.value = false), TYPES_FOR_MS);
  }

  // The service goes on in the language that the page speaks now.
  speak() {
    if (this.connection.value !== "open" || this.#spoken === texts.locale) return;
    this.#spoken = texts.locale;
    this.#line.send({ type: "locale", locale: texts.locale });
  }

  // The service passes it on to the desk, not more often than it wants.
  types(on) {
    if (this.state.value.holder === "human" && this.connection.value === "open") this.#line.send({ type: "typing", on });
  }

  #acknowledged({ client_id, conversation, seq, status }) {
    this.#dropFileOf(client_id);
    this.#change(client_id, { conversation, seq, quiet: status === "held" });
    this.#settle();
  }

  // Ours that came back with a number are shown from there.
  #settle() {
    const { conversation, seq } = this.#place;
    const isBack = (item) => item.seq && (item.conversation !== conversation ? this.#has(item) : item.seq <= seq);
    this.pending.value = this.pending.value.filter((item) => !isBack(item));
  }

  #has(item) {
    return this.entries.value.some((entry) => entry.conversation === item.conversation && entry.seq >= item.seq);
  }

  #refused({ client_id, code, text }) {
    if (code === "earlier") this.earlier.fail();
    if (code === "upload_unknown") this.#uploadAnew(client_id);
    if (client_id) this.#change(client_id, { error: texts.refused[code] && texts.locale !== "zh-CN" ? texts.refused[code] : text });
  }

  // It was uploaded too long ago.
  #uploadAnew(id) {
    const item = this.pending.value.find(({ client_id }) => client_id === id);
    this.#change(id, { upload: null, isLost: !item?.file });
  }

  #closed(code) {
    this.#resuming = false;
    if (code !== TOO_BIG) return;
    const first = this.pending.value.find((item) => item.sent && !item.seq && !item.error);
    if (first) this.#change(first.client_id, { error: texts.failed });
  }

  #keep() {
    keepUnsent(ownerOf(this.#credentials.token), this.pending.value, this.draft.value);
  }

  #takeUpUnsent() {
    const { items, draft } = keptUnsent(ownerOf(this.#credentials.token));
    const known = new Set(this.pending.value.map((item) => item.client_id));
    const again = items.filter((item) => !known.has(item.client_id)).map((item) => ({ ...item, isSought: Boolean(item.kind) }));
    this.pending.value = [...again, ...this.pending.value];
    this.draft.value ||= draft;
    this.#keep();
    again.filter((item) => item.isSought).forEach((item) => this.#seek(item));
  }

  // The file of a message from before a reload. What is uploaded goes without it too.
  async #seek({ client_id, key, upload }) {
    const file = await keptFile(key);
    if (!this.pending.value.some((item) => item.client_id === client_id)) return;
    const lost = file || upload ? {} : { isLost: true, error: texts.refused.lost };
    this.#change(client_id, { isSought: false, file, preview: file && URL.createObjectURL(file), ...lost });
    this.#flush();
  }

  #dropFileOf(id) {
    const { key } = this.pending.value.find((item) => item.client_id === id) ?? {};
    if (key) dropFile(key);
  }

  #dropUnsent() {
    dropUnsent();
    for (const upload of this.#uploads.values()) upload.abort();
    this.#uploads.clear();
    this.pending.value = [];
    this.draft.value = "";
  }

  #forget() {
    this.#place = { conversation: null, seq: 0 };
    this.#resuming = false;
    this.isSettled = false;
    this.entries.value = [];
    this.earlier.begin(false);
    this.state.value = { holder: "bot", position: 0, wait_minutes: null, agent: null };
  }
}

// Not randomUUID: that exists on https pages alone.
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const refusal = (body) => (texts.locale !== "zh-CN" && texts.refused[body.title]) || body.detail || texts.refused.upload;

// Sends a file and says how far it is. Not fetch: that tells nothing of its progress.
function sent(file, headers, onProgress) {
  const request = new XMLHttpRequest();
  const answer = new Promise((resolve, reject) => {
    request.open("POST", "/widget/uploads");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      try {
        resolve({ status: request.status, body: JSON.parse(request.responseText) });
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = request.onabort = () => reject(new Error("network"));
    request.send(file);
  });
  return { answer, abort: () => request.abort() };
}
