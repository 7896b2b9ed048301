// What lasts longer than the page: in the frame's own storage; where a browser gives a frame none (private windows, blocked
// third parties) with the page that embeds it, which is the bank's; and else as long as this page.
import { tell } from "./host.js";

const memory = {};

function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

// What the embedding page kept for a frame that could keep nothing.
export function recollect(kept) {
  if (!storage()) Object.assign(memory, kept);
}

export function load(key) {
  return storage()?.getItem(key) ?? memory[key];
}

export function save(key, value) {
  memory[key] = value;
  try {
    storage() ? localStorage.setItem(key, value) : tell("keep", { key, value });
  } catch {
    // the storage is full: kept in memory
  }
}

export function remove(key) {
  delete memory[key];
  storage() ? localStorage.removeItem(key) : tell("keep", { key, value: null });
}
