import { html } from "/static/vendor/htm.js";
import { Acts } from "./acts.js";
import { Foot } from "./foot.js";
import { Log } from "./log.js";
import { chat, open, openFailed, openId } from "./model.js";
import { now } from "./state.js";
import { duration, t } from "./text.js";
import { Viewers } from "./viewers.js";

export function Chat() {
  if (!openId.value) return html`<main class="chat empty"><div class="hint"><p>${t("choose")}</p><p class="soft">${t("chooseHint")}</p></div></main>`;
  if (openFailed.value)
    return html`<main class="chat empty"><div class="hint"><p class="bad" role="alert">${openFailed.value}</p>
      <p><button onClick=${() => open(openId.value)}>${t("retry")}</button></p></div></main>`;
  if (!chat.value) return html`<main class="chat empty"><p class="hint" role="status">${t("loading")}</p></main>`;
  return html`<main class="chat"><${Head} key=${`head-${openId.value}`} /><${Log} key=${openId.value} /><${Foot} key=${`foot-${openId.value}`} /></main>`;
}

function Head() {
  const { customer, channel, urgent, tags = [] } = chat.value;
  return html`<header class="chat-head">
    <div class="who-is">
      <h2>${customer.name || t("visitor")}</h2>
      <span class=${`tag channel ${channel}`}>${t(`channels.${channel}`)}</span>
      ${urgent && html`<span class="tag bad">${t("urgent")}</span>`}
      ${tags.map((tag) => html`<span class="tag plain">${tag}</span>`)}
      ${customer.phone_masked && html`<span class="soft">${customer.phone_masked}</span>`}
      <${ReplyWindow} /><${Viewers} />
    </div>
    <${Acts} />
  </header>`;
}

/** What WeChat still lets us send: for so long after the customer's last message, and so often. */
function ReplyWindow() {
  const limit = chat.value.window;
  if (!limit || chat.value.holder === "ended") return null;
  if (limit.unreachable) return html`<span class="tag bad" role="status">${t("unreachable")}</span>`;
  const seconds = limit.until ? (Date.parse(limit.until) - now.value) / 1000 : 0;
  if (seconds <= 0 || limit.messages_left <= 0) return html`<span class="tag bad" role="status">${t("windowShut")}</span>`;
  const isNear = limit.messages_left <= 2 || seconds < 3600;
  const title = limit.reserved ? t("windowReserved", { n: limit.reserved }) : "";
  return html`<span class=${`tag ${isNear ? "warn" : "plain"}`} title=${title}>${t("windowLeft", { time: duration(seconds), n: limit.messages_left })}</span>`;
}
