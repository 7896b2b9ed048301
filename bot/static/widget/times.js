// Times as the customer reads them: the bank's wall clock, wherever the phone is; where that shows another time, it is said.
import { isElsewhere } from "/static/zone.js";
import { texts } from "./texts.js";

const ZONE = "Asia/Shanghai";
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayKey = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

export const timeOf = (at) => clock.format(new Date(at));
export const dayOf = (at) => dayKey.format(new Date(at));

export const dayName = (at) => nameOf(at) + (isElsewhere ? texts.bankTime : "");

function nameOf(at) {
  const day = dayOf(at);
  if (day === dayOf(Date.now())) return texts.today;
  if (day === dayOf(Date.now() - 86_400_000)) return texts.yesterday;
  const isOtherYear = day.slice(0, 4) !== dayOf(Date.now()).slice(0, 4);
  const format = { timeZone: ZONE, year: isOtherYear ? "numeric" : undefined, month: "long", day: "numeric", weekday: "short" };
  return new Intl.DateTimeFormat(texts.locale, format).format(new Date(at));
}
