import { html } from "/static/vendor/htm.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { openFound } from "./found.js";
import { fieldText, onDay, shown, t } from "./text.js";

const HIDDEN = new Set(["problem", "occurred_at_precision", "escalation_signs", "co_departments", "suggested", "asked", "attachments", "protected", "contact", "readback"]);

/** A ticket with its record and everything that happened to it. */
export function TicketFile({ number }) {
  const [file, setFile] = useState(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    ask(`/tickets/${number}`).then(setFile, (error) => setFailed(error.message));
  }, [number]);
  if (failed) return html`<p class="bad" role="alert">${failed}</p>`;
  if (!file) return html`<p class="hint" role="status">${t("loading")}</p>`;
  const record = Object.entries(file.record).filter(([name, value]) => !HIDDEN.has(name) && value !== "" && value !== null);
  return html`<section class="card ticket-card"><h3><span class="number">${file.no}</span> <span class="tag">${file.state_text}</span></h3>
    <p>${t(`kinds.${file.kind}`)} · ${t(`products.${file.product}`)} · ${file.department_name}${file.due_at ? ` · ${t("dueBy", { due: onDay(file.due_at) })}` : ""}</p>
    <p class="problem">${file.content}</p>
    <dl>${record.map(([name, value]) => html`<dt>${t(`slots.${name}`)}</dt><dd>${fieldText(name, value)}</dd>`)}</dl>
    <${Files} number=${number} files=${file.record.attachments ?? []} />
    <${History} lines=${file.history} />
    ${file.conversation_id && html`<p><button onClick=${() => openFound(file.conversation_id)}>${t("toConversation")}</button></p>`}
  </section>`;
}

/** What a form sent along: pictures to look at, everything else to be opened. */
const Files = ({ number, files }) => html`${files.map((item, n) => {
  const address = `/api/v1/desk/tickets/${number}/files/${n}`;
  const inside = item.media_type.startsWith("image/") ? html`<img class="thumb" src=${address} alt=${item.name} />` : item.name;
  return html`<p key=${n}><a href=${address} target="_blank" rel="noopener">${inside}</a></p>`;
})}`;

export const History = ({ lines }) => html`<ol class="history" aria-label=${t("history")}>${lines.map(
  (line) => html`<li key=${line.n}>${shown(line.at)} ${t(`events.${line.action}`)}${line.to_text ? `：${line.to_text}` : ""} <span class="soft">${t(`actors.${line.actor}`)}${line.detail?.reason ? ` · ${line.detail.reason}` : ""}</span></li>`,
)}</ol>`;
