import { html } from "/static/vendor/htm.js";
import { list, loadList, now, open, openId, view } from "./model.js";
import { shown, since, t } from "./text.js";

const VIEWS = ["waiting", "mine", "all", "ended"];

export function List() {
  const { counts, items, failed } = list.value;
  return html`<nav class="list" aria-label=${t("title")}>
    <div class="views" role="tablist">
      ${VIEWS.map(
        (name) => html`<button role="tab" aria-selected=${view.value === name} class=${view.value === name ? "on" : ""}
          onClick=${() => {
            view.value = name;
            list.value = { ...list.value, items: null };
            loadList();
          }}>${t(name)}${counts[name] ? html` <b class=${name === "waiting" ? "calls" : ""}>${counts[name]}</b>` : ""}</button>`,
      )}
    </div>
    ${failed && html`<p class="hint bad">${t("failed")} <button class="link" onClick=${loadList}>${t("retry")}</button></p>`}
    ${!items && !failed && html`<p class="hint">${t("loading")}</p>`}
    ${items?.length === 0 && html`<p class="hint">${t(`empty${view.value[0].toUpperCase()}${view.value.slice(1)}`)}</p>`}
    <ul>${items?.map((item) => html`<${Row} key=${item.id} item=${item} />`)}</ul>
  </nav>`;
}

function Row({ item }) {
  const name = item.customer_name || t("visitor");
  return html`<li>
    <button class=${`row ${openId.value === item.id ? "on" : ""}`} onClick=${() => open(item.id)}>
      <span class="row-top">
        <span class="name">${name}</span>
        ${(item.urgent || item.priority !== "normal") && html`<span class="tag bad">${t("urgent")}</span>`}
        <span class="tag">${t(`channels.${item.channel}`)}</span>
        <time>${item.waiting_since ? "" : shown(item.updated_at)}</time>
        ${item.unread > 0 && html`<span class="unread" aria-label=${t("unread", { n: item.unread })}>${item.unread > 99 ? "99+" : item.unread}</span>`}
      </span>
      <span class="preview">${item.preview}</span>
      ${item.waiting_since && html`<span class="wait">${t(`why.${item.reason}`)} · ${t("waitingFor", { time: since(item.waiting_since, now.value) })}</span>`}
      ${item.ticket_no && html`<span class="wait">${item.ticket_no}</span>`}
    </button>
  </li>`;
}
