// What was said before the conversations that the chat shows: asked for a page at a time, kept in reading order. Draws nothing.
import { signal } from "/static/vendor/signals.js";

export class Earlier {
  stretches = signal([]); // of one conversation each: {conversation, tickets, messages}
  state = signal("none"); // "none" is left, there is "more", "loading", "failed"
  #next = null; // before which place the next page begins
  #ask;

  // ask(place) sends the question if the line is open.
  constructor(ask) {
    this.#ask = ask;
  }

  // The chat begins anew, perhaps with somebody else: nothing of before stays.
  begin(isThere) {
    this.stretches.value = [];
    this.#next = null;
    this.state.value = isThere ? "more" : "none";
  }

  // Asks for the page before *first*, or before what came last.
  look(first) {
    if (!first || (this.state.value !== "more" && this.state.value !== "failed")) return;
    this.#next ??= { conversation: first.conversation, before: first.seq };
    this.state.value = "loading";
    this.#ask(this.#next);
  }

  // The line is open again: what was asked on the one before has no answer.
  askAgain() {
    if (this.state.value === "loading") this.#ask(this.#next);
  }

  take({ stretches, next }) {
    if (this.state.value !== "loading") return;
    this.#next = next;
    if (next && !stretches.length) {
      this.#ask(next); // nothing to show in all of them
      return;
    }
    this.stretches.value = joined(stretches, this.stretches.value);
    this.state.value = next ? "more" : "none";
  }

  fail() {
    if (this.state.value === "loading") this.state.value = "failed";
  }
}

// A page may end in the middle of a conversation; the next one goes on there.
function joined(older, newer) {
  const [last, first] = [older.at(-1), newer[0]];
  if (last?.conversation !== first?.conversation) return [...older, ...newer];
  return [...older.slice(0, -1), { ...first, messages: [...last.messages, ...first.messages] }, ...newer.slice(1)];
}
