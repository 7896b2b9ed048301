import zh from "./texts.zh-CN.js";
import en from "./texts.en.js";

const texts = new URLSearchParams(location.search).get("lang") === "en" ? en : zh;

/** The text under a dotted key with values filled in; unknown words of a value set are shown as they are. */
export function t(key, values = {}) {
  const found = key.split(".").reduce((node, part) => node?.[part], texts);
  const text = typeof found === "string" ? found : key.split(".").at(-1);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

const clockTime = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
const dayTime = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai" });

/** A moment on the bank's wall clock: the time today, day and time before. */
export function shown(iso) {
  const moment = new Date(iso);
  return day.format(moment) === day.format(new Date()) ? clockTime.format(moment) : dayTime.format(moment);
}

export const onDay = (iso) => day.format(new Date(iso));

/** How long ago, in the largest fitting unit. */
export function since(iso, now) {
  const seconds = Math.max(0, Math.round((now - new Date(iso).getTime()) / 1000));
  if (seconds < 60) return t("seconds", { n: seconds });
  if (seconds < 3600) return t("minutes", { n: Math.floor(seconds / 60) });
  return t("hours", { n: Math.floor(seconds / 3600) });
}
