// What somebody likes on this computer: kept in the browser, never sent.
import { signal } from "/static/vendor/signals.js";

const KEY = "desk-preferences";
const DEFAULTS = { sound: true, desktop: false, enterSends: true, theme: "auto", language: "zh-CN" };

function remembered() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return DEFAULTS;
  }
}

export const preferences = signal(remembered());

export function prefer(change) {
  preferences.value = { ...preferences.value, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.value));
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

preferences.subscribe(({ theme }) => {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
});
