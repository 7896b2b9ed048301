import { html } from "/static/vendor/htm.js";
import { Attachment } from "./media.js";
import { clockTime, t } from "./text.js";

/** One line of a conversation. */
export function Message({ message }) {
  if (message.type === "delivery_failed" || message.type === "window_shut")
    return html`<li class="system-line bad" data-seq=${message.seq} tabindex="-1"><span>${t(`why.${message.type}`)}</span> <${At} at=${message.at} /></li>`;
  if (message.type === "notice" || message.speaker === "system")
    return html`<li class=${`system-line ${message.audience === "desk" ? "inside" : ""}`} data-seq=${message.seq} tabindex="-1"><span>${message.text}</span> <${At} at=${message.at} /><${Delivery} state=${message.delivery} reason=${message.delivery_reason} /></li>`;
  const isNote = message.type === "note";
  const who = message.speaker === "agent" ? message.agent?.name || t("agent") : t(message.speaker);
  return html`<li class=${`message ${message.speaker} ${isNote ? "note" : ""}`} data-seq=${message.seq} tabindex="-1">
    <div class="meta"><span>${isNote ? `${t("note")} · ${who}` : who}</span> <${At} at=${message.at} /></div>
    <div class=${`bubble ${message.recalled ? "recalled" : ""}`}>
      ${message.recalled && html`<p class="soft">${t("recalled")}</p>`}
      ${message.text && html`<p>${message.text}</p>`}
      ${message.attachments.map((item) => html`<${Attachment} key=${item.url} item=${item} />`)}
      ${message.pending_files > 0 && html`<p class="soft">${t(message.media_failed ? "fileLost" : "fileComing")}</p>`}
      ${message.withheld_files > 0 && html`<p class="bad">${t("fileWithheld", { count: message.withheld_files })}</p>`}
      ${message.unopened_files > 0 && html`<p class="bad">${t("fileUnopened", { count: message.unopened_files })}</p>`}
      ${message.location.label && html`<p class="soft">${t("location")}：${message.location.label}</p>`}
      ${message.buttons.length > 0 && html`<p class="buttons">${message.buttons.map((button) => html`<span>${button.title}</span>`)}</p>`}
    </div>
    <${Delivery} state=${message.delivery} reason=${message.delivery_reason} />
  </li>`;
}

const At = ({ at }) => html`<time datetime=${at}>${clockTime(at)}</time>`;

function Delivery({ state, reason }) {
  const told = reason ? t(`deliveryWhy.${reason}`) : "";
  const why = told === reason ? "" : told; // the catalogue does not know every reason that a platform may give
  if (!state || (state === "sent" && !why)) return null;
  const isBad = state === "failed" || state === "unknown";
  const words = state === "sent" || state === "shut" ? why || t(`delivery.${state}`) : `${t(`delivery.${state}`)}${why && `：${why}`}`;
  return html`<div class=${`meta delivery ${isBad ? "bad" : ""}`}>${words}</div>`;
}
