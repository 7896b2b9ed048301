// The catalogue in force, chosen once.
import en from "./texts.en.js";
import zh from "./texts.zh-CN.js";

export const texts = /^en\b/i.test(new URLSearchParams(location.search).get("locale") ?? "") ? en : zh;
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
