// The catalogue in force. What is drawn with it is drawn anew when the language changes.
import { signal } from "/static/vendor/signals.js";
import en from "./texts.en.js";
import zh from "./texts.zh-CN.js";

const chosen = signal(zh);

export const texts = new Proxy({}, { get: (_, name) => chosen.value[name] });

export function choose(locale) {
  chosen.value = /^en\b/i.test(locale || "") ? en : zh;
  document.documentElement.lang = texts.locale;
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
