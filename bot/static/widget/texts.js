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

// What stands in a stored text for a number or a secret, as the page says it.
export const readable = (text) => texts.stored.reduce((shown, [stored, said]) => shown.replaceAll(stored, said), text);

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
