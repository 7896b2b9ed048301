import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { act } from "./acts.js";
import { Dialog } from "./dialog.js";
import { chat } from "./model.js";
import { Targets } from "./targets.js";
import { t } from "./text.js";

/** To a colleague who is there, or to whoever knows a subject; with a reason that they will read. */
export function Transfer({ onClose }) {
  const [target, setTarget] = useState("");
  const [reason, setReason] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    if (!target || !reason.trim()) return;
    const [kind, id] = target.split(":");
    onClose();
    await act("transfer", { [kind]: id, reason: reason.trim() });
  };
  return html`<${Dialog} title=${t("transfer")} onClose=${onClose}><form class="ask" onSubmit=${submit}>
    <${Targets} chosen=${target} onChoose=${setTarget} but=${chat.value.agent?.id} />
    <label>${t("transferReason")}<input maxlength="500" value=${reason} onInput=${(e) => setReason(e.target.value)} /></label>
    <footer><button type="button" onClick=${onClose}>${t("cancel")}</button> <button class="primary" disabled=${!target || !reason.trim()}>${t("transfer")}</button></footer>
  </form></${Dialog}>`;
}
