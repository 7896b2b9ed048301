import { html } from "/static/vendor/htm.js";
import { useLayoutEffect, useRef, useState } from "/static/vendor/hooks.js";
import { Bulk } from "./bulk.js";
import { Narrowing, SavedViews } from "./filters.js";
import { choose, chosen, list, loadList, look, reached, view } from "./lists.js";
import { isBeingRead, open, openId } from "./model.js";
import { me, now } from "./state.js";
import { shown, since, t } from "./text.js";

const VIEWS = ["mine", "waiting", "all", "ended"];
const ROW_PX = 84; // as .row in list.css: rows are of one height, so that only those in sight need to be there
const BEYOND = 6;

export function List() {
  const { counts, items, failed } = list.value;
  const unread = Object.keys(list.value.unread).filter((id) => !isBeingRead(id));
  return html`<nav class="list" aria-label=${t("conversations")}>
    <div class="list-head">
      <div class="views" role="group" aria-label=${t("views")}>
        ${VIEWS.map(
          (name) => html`<button aria-pressed=${view.value === name} onClick=${() => look(name)}>
            ${t(name)}${name === "mine" && unread.length > 0 ? html`<i class="dot" role="img" aria-label=${t("unreadMine", { n: unread.length })}></i>` : ""}${counts[name] ? html` <b class=${name === "waiting" ? "calls" : ""}>${counts[name]}</b>` : ""}
          </button>`,
        )}
      </div>
      <${SavedViews} /><${Narrowing} /><${Bulk} />
    </div>
    ${failed && html`<p class="hint bad" role="alert">${t("failed")} <button class="link" onClick=${loadList}>${t("retry")}</button></p>`}
    ${!items && !failed && html`<${Loading} />`}
    ${items?.length === 0 && html`<p class="hint">${t(`empty.${view.value}`)}</p>`}
    ${items?.length > 0 && html`<${Rows} items=${items} />`}
  </nav>`;
}

const Loading = () => html`<div class="skeleton" role="status" aria-label=${t("loading")}>${[1, 2, 3, 4].map(() => html`<i></i>`)}</div>`;

/** As many rows as fit, wherever one has scrolled to: a thousand cost what twenty do. */
function Rows({ items }) {
  const box = useRef(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => box.current && setHeight(box.current.clientHeight));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    box.current.scrollTop = 0;
    setTop(0);
  }, [view.value]);
  const first = Math.max(0, Math.floor(top / ROW_PX) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / ROW_PX) + BEYOND);
  const scrolled = () => {
    setTop(box.current.scrollTop);
    reached(Math.ceil((box.current.scrollTop + box.current.clientHeight) / ROW_PX));
  };
  const press = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = step && Number(event.target.closest("[data-n]")?.dataset.n);
    if (!step || Number.isNaN(at)) return;
    event.preventDefault();
    const next = Math.min(Math.max(at + step, 0), items.length - 1);
    const [above, below] = [next * ROW_PX, (next + 1) * ROW_PX];
    if (above < box.current.scrollTop) box.current.scrollTop = above;
    else if (below > box.current.scrollTop + box.current.clientHeight) box.current.scrollTop = below - box.current.clientHeight;
    box.current.querySelector(`[data-n="${next}"] button`)?.focus();
  };
  return html`<div class="rows" ref=${box} onScroll=${scrolled} onKeyDown=${press}>
    <ul style=${{ height: `${items.length * ROW_PX}px`, paddingTop: `${first * ROW_PX}px` }}>
      ${items.slice(first, last).map((item, n) => html`<${Row} key=${item.id} item=${item} n=${first + n} of=${items.length} />`)}
    </ul>
  </div>`;
}

function Row({ item, n, of }) {
  const isUrgent = item.urgent || item.priority !== "normal";
  const isChosen = chosen.value?.has(item.id);
  const unread = isBeingRead(item.id) ? 0 : item.unread;
  return html`<li data-n=${n} aria-setsize=${of} aria-posinset=${n + 1}>
    <button class=${`row ${isUrgent ? "urgent" : ""} ${unread ? "fresh" : ""}`} aria-current=${openId.value === item.id ? "true" : undefined} aria-pressed=${chosen.value ? Boolean(isChosen) : undefined} onClick=${() => (chosen.value ? choose(item.id) : open(item.id))}>
      <span class="row-top">
        ${chosen.value && html`<i class=${`tick ${isChosen ? "on" : ""}`} aria-hidden="true">${isChosen ? "✓" : ""}</i>`}
        <span class="name">${item.customer_name || t("visitor")}</span>
        ${isUrgent && html`<span class="tag bad">${t(`priorities.${item.priority === "normal" ? "urgent" : item.priority}`)}</span>`}
        <span class=${`tag channel ${item.channel}`}>${t(`channels.${item.channel}`)}</span>
        <time datetime=${item.updated_at}>${shown(item.updated_at)}</time>
      </span>
      <span class="row-middle"><span class="preview">${item.preview || t("noText")}</span>
        ${unread > 0 && html`<span class="unread" role="img" aria-label=${t("unread", { n: unread })}>${unread > 99 ? "99+" : unread}</span>`}</span>
      <span class="row-more"><${More} item=${item} /></span>
    </button>
  </li>`;
}

/** Why it waits and for how long, who has it, what is marked on it. */
function More({ item }) {
  const held = item.holder === "human" && item.agent && item.agent.id !== me.value?.id;
  const why = item.returned ? t(`returned.${item.returned}`) : t(`why.${item.reason}`);
  return html`
    ${item.reserved && html`<span class="tag warn">${t(item.reserved.agent.id === me.value?.id ? "offeredToMe" : "reservedFor", { name: item.reserved.agent.name })}</span>`}
    ${item.waiting_since && html`<span class="wait">${why} · ${t("waitingFor", { time: since(item.waiting_since, now.value) })}</span>`}
    ${item.skill && item.waiting_since && html`<span>${item.skill}</span>`}
    ${held && html`<span>${t("heldBy", { name: item.agent.name })}</span>`}
    ${item.holder === "bot" && html`<span>${t("heldByBot")}</span>`}
    ${(item.tags ?? []).map((tag) => html`<span class="tag plain">${tag}</span>`)}
    ${item.ticket_no && html`<span class="number">${item.ticket_no}</span>`}`;
}
