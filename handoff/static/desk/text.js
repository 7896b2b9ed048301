import zh from "./texts.zh-CN.js";
import en from "./texts.en.js";
import { preferences } from "./preferences.js";

const asked = new URLSearchParams(location.search).get("lang") ?? preferences.value.language;
export const language = asked === "en" ? "en" : "zh-CN";
const texts = language === "en" ? en : zh;

/** The text under a dotted key with values filled in; unknown words of a value set are shown as they are. */
export function t(key, values = {}) {
  const [head, ...rest] = key.split(".");
  const found = rest.length ? texts[head]?.[rest.join(".")] : texts[head];
  const text = typeof found === "string" ? found : key.slice(key.indexOf(".") + 1);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The words of a value set and their names, in the catalogue's order. */
export const wordsOf = (set) => Object.entries(texts[set]);

const ZONE = { timeZone: "Asia/Shanghai", hourCycle: "h23" };
const format = (options) => new Intl.DateTimeFormat(language, { ...ZONE, ...options });
const clock = format({ hour: "2-digit", minute: "2-digit" });
const dayAndTime = format({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
const day = format({ year: "numeric", month: "long", day: "numeric" });

export const clockTime = (iso) => clock.format(new Date(iso));
export const onDay = (iso) => day.format(new Date(iso));

/** A moment on the bank's wall clock: the time today, day and time before. */
export function shown(iso) {
  const moment = new Date(iso);
  return day.format(moment) === day.format(new Date()) ? clock.format(moment) : dayAndTime.format(moment);
}

/** A value of the record as people read it. */
export function fieldText(name, value) {
  if (name === "occurred_at" && !Number.isNaN(Date.parse(value))) return dayAndTime.format(new Date(value));
  if (typeof value === "object") return Object.values(value).join("、");
  return String(value);
}

/** The bank's wall clock in the form that a date field takes, and back. */
export function forInput(iso) {
  if (!iso || Number.isNaN(Date.parse(iso))) return "";
  return new Date(Date.parse(iso) + 8 * 3600_000).toISOString().slice(0, 16);
}

export const fromInput = (text) => (text ? `${text}:00+08:00` : null);

/** How long from one moment to another, in the largest fitting unit. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("seconds", { n: whole });
  if (whole < 3600) return t("minutes", { n: Math.floor(whole / 60) });
  if (whole < 172_800) return t("hours", { n: Math.floor(whole / 3600) });
  return t("days", { n: Math.floor(whole / 86_400) });
}

/** How long ago, in the largest fitting unit. */
export const since = (iso, now) => duration((now - new Date(iso).getTime()) / 1000);

/** A size as people read it. */
export const bytes = (size) => (size >= 1_048_576 ? `${(size / 1_048_576).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`);
