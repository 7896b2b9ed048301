// The catalogue in force. Chosen once, before anything is drawn.
import en from "./texts.en.js";
import zh from "./texts.zh-CN.js";

export let texts = zh;

export function choose(locale) {
  texts = /^en\b/i.test(locale || "") ? en : zh;
  document.documentElement.lang = texts.locale;
  document.title = texts.title;
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
