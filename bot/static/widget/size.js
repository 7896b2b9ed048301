// Large letters for whoever wants them, kept for the next visit.
import { signal } from "/static/vendor/signals.js";
import { load, save } from "./memory.js";

const SIZE = "huiyin.size";

export const isLarge = signal(false);

export function grow(large) {
  isLarge.value = large;
  save(SIZE, large ? "large" : "normal");
  document.documentElement.classList.toggle("large-text", large);
}

grow(load(SIZE) === "large");
