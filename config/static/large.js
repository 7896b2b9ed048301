// Large letters (大字版) on pages of their own: chosen once, kept for all our pages on this device.
import { signal } from "/static/vendor/signals.js";

const SIZE = "huiyin.size"; // the chat keeps its choice under the same name

function kept() {
  try {
    return localStorage.getItem(SIZE);
  } catch {
    return null; // no storage: chosen anew each time
  }
}

export const isLarge = signal(false);

export function grow(large) {
  isLarge.value = large;
  document.documentElement.classList.toggle("large-text", large);
  try {
    localStorage.setItem(SIZE, large ? "large" : "normal");
  } catch {
    // good for this page
  }
}

grow((new URLSearchParams(location.search).get("size") ?? kept()) === "large");
