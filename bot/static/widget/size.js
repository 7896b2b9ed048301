// Large letters for whoever wants them, kept for the next visit.
import { signal } from "/static/vendor/signals.js";
import { load, save } from "./memory.js";

const SIZE = "huiyin.size";

export const isLarge = signal(false);

function show(large) {
  isLarge.value = large;
  document.documentElement.classList.toggle("large-text", large);
}

export function grow(large) {
  show(large);
  save(SIZE, large ? "large" : "normal");
}

// As the customer chose the last time; who never did gets what the bank's page wants.
export const begin = (wanted) => show((load(SIZE) ?? wanted) === "large");

begin();
