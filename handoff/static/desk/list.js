import { html } from "/static/vendor/htm.js";
import { list, loadList, look, now, open, openId, view } from "./model.js";
import { shown, since, t } from "./text.js";

const VIEWS = ["waiting", "mine", "all", "ended"];

export function List() {
  const { counts, items, failed } = list.value;
  const hidden = items && counts[view.value] > items.length ? counts[view.value] - items.length : 0;
  return html`<nav class="list" aria-label=${t("conversations")}>
    <div class="views" role="group" aria-label=${t("views")}>
      ${VIEWS.map(
        (name) => html`<button aria-pressed=${view.value === name} onClick=${() => look(name)}>
          ${t(name)}${counts[name] ? html` <b class=${name === "waiting" ? "calls" : ""}>${counts[name]}</b>` : ""}
        </button>`,
      )}
    </div>
    ${failed && html`<p class="hint bad" role="alert">${t("failed")} <button class="link" onClick=${loadList}>${t("retry")}</button></p>`}
    ${!items && !failed && html`<p class="hint" role="status">${t("loading")}</p>`}
    ${items?.length === 0 && html`<p class="hint">${t(`empty${view.value[0].toUpperCase()}${view.value.slice(1)}`)}</p>`}
    <ul>${items?.map((item) => html`<${Row} key=${item.id} item=${item} />`)}</ul>
    ${hidden > 0 && html`<p class="hint">${t("moreHidden", { n: hidden })}</p>`}
  </nav>`;
}

function Row({ item }) {
  const isUrgent = item.urgent || item.priority !== "normal";
  const held = view.value !== "mine" && item.holder === "human" && item.agent;
  return html`<li>
    <button class=${`row ${isUrgent ? "urgent" : ""}`} aria-current=${openId.value === item.id ? "true" : undefined} onClick=${() => open(item.id)}>
      <span class="row-top">
        <span class="name">${item.customer_name || t("visitor")}</span>
        ${isUrgent && html`<span class="tag bad">${t(item.priority === "major" ? "majorP" : "urgent")}</span>`}
        <span class="tag">${t(`channels.${item.channel}`)}</span>
        ${!item.waiting_since && html`<time datetime=${item.updated_at}>${shown(item.updated_at)}</time>`}
        ${item.unread > 0 && html`<span class="unread" role="img" aria-label=${t("unread", { n: item.unread })}>${item.unread > 99 ? "99+" : item.unread}</span>`}
      </span>
      <span class="preview">${item.preview || t("noText")}</span>
      <span class="row-more">
        ${item.waiting_since && html`<span class="wait">${t(`why.${item.reason}`)} · ${t("waitingFor", { time: since(item.waiting_since, now.value) })}</span>`}
        ${held && html`<span>${t("heldBy", { name: item.agent.name })}</span>`}
        ${view.value === "all" && item.holder === "bot" && html`<span>${t("heldByBot")}</span>`}
        ${item.ticket_no && html`<span>${item.ticket_no}</span>`}
      </span>
    </button>
  </li>`;
}
