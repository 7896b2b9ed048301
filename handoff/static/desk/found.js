// What a search found, as lists that both the search page and the palette show.
import { html } from "/static/vendor/htm.js";
import { open } from "./model.js";
import { go } from "./route.js";
import { shown, t } from "./text.js";

export function openFound(conversation, seq) {
  go("chats", { c: conversation, m: seq });
  return open(conversation, seq);
}

/** A line of text with the words that were looked for marked in it. The service counts characters; an emoji is one of them. */
export function Marked({ item }) {
  const characters = Array.from(item.excerpt);
  const part = (start, end) => characters.slice(start, end).join("");
  const parts = [];
  let from = 0;
  for (const [start, end] of item.marks) {
    parts.push(part(from, start), html`<mark>${part(start, end)}</mark>`);
    from = end;
  }
  return html`<span class="excerpt">${parts}${part(from)}</span>`;
}

const whoOf = (item) => {
  const who = item.speaker === "agent" ? item.agent_name || t("agent") : item.customer_name || t("visitor");
  return item.audience === "desk" ? `${who}（${t("note")}）` : who;
};

/** Every hit as something to choose: a key, a line, and what choosing it does. */
export function hitsOf(found) {
  const customers = (found.customers?.items ?? []).map((item) => ({
    key: `c${item.conversation}`, kind: "customers", act: () => openFound(item.conversation),
    line: html`<b>${item.name || t("visitor")}</b> <span class="soft">${item.phone_masked ?? ""} · ${t(`channels.${item.channel}`)} · ${shown(item.updated_at)}</span><span class="excerpt">${item.preview}</span>`,
  }));
  const tickets = (found.tickets?.items ?? []).map((item) => ({
    key: item.no, kind: "tickets", act: () => go("search", { q: item.no, t: item.no }),
    line: html`<b class="number">${item.no}</b> <span class="tag">${item.state_text}</span> <span class="soft">${t(`kinds.${item.kind}`)} · ${item.department_name} · ${shown(item.received_at)}</span><${Marked} item=${item} />`,
  }));
  const messages = (found.messages?.items ?? []).map((item) => ({
    key: `${item.conversation}:${item.seq}`, kind: "messages", act: () => openFound(item.conversation, item.seq),
    line: html`<span class="soft">${whoOf(item)} · ${t(`channels.${item.channel}`)} · ${shown(item.at)}</span><${Marked} item=${item} />`,
  }));
  return [...customers, ...tickets, ...messages];
}

export const countOf = (part) => (part.count >= 100 ? "100+" : String(part.count));
