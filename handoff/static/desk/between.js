import { html } from "/static/vendor/htm.js";
import { messages } from "./model.js";
import { clockTime, t } from "./text.js";

/** What was said while somebody wrote: they read it first, and then decide. */
export function Between({ after, onSend, onClose }) {
  const said = messages.value.filter((item) => item.seq > after && item.type !== "notice");
  return html`<section class="between" role="alertdialog" aria-label=${t("betweenTitle")}>
    <p><b>${t("betweenTitle")}</b></p>
    <ul>${said.map((item) => html`<li key=${item.seq}><span class="soft">${item.agent?.name ?? t(item.speaker)}${item.type === "note" ? `（${t("note")}）` : ""} ${clockTime(item.at)}</span> ${item.text || t("file")}</li>`)}</ul>
    <p><button type="button" onClick=${onClose}>${t("editMine")}</button> <button type="button" class="primary" autofocus onClick=${onSend}>${t("sendAnyway")}</button></p>
  </section>`;
}
