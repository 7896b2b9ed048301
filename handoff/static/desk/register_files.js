// Scans and photos of what feedback is copied from: sent at once, and named in the form by their tokens.
import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { t } from "./text.js";

const ACCEPTED = "image/jpeg,image/png,image/webp";
const MOST = 9;

export function Scans({ files, fault, onChange }) {
  const [sending, setSending] = useState(0);
  const [problem, setProblem] = useState(null);
  const send = async (file) => {
    setSending((count) => count + 1);
    try {
      const { upload } = await ask("/feedback/uploads", "POST", undefined, { body: file, headers: {} });
      onChange((before) => [...before, { upload, name: file.name }]);
    } catch (error) {
      setProblem(`${file.name}：${error.message}`);
    }
    setSending((count) => count - 1);
  };
  const take = (event) => {
    setProblem(null);
    [...event.target.files].slice(0, MOST - files.length).forEach(send);
    event.target.value = "";
  };
  return html`<div class="scans">
    <label>${t("register.scans")}<input type="file" multiple accept=${ACCEPTED} disabled=${files.length >= MOST} onChange=${take} /></label>
    <ul>${files.map((file, n) => html`<li key=${file.upload}>${file.name}
      <button type="button" aria-label=${t("register.dropScan", { name: file.name })} onClick=${() => onChange((before) => before.filter((_, at) => at !== n))}>×</button></li>`)}</ul>
    <p role="status" class=${problem || fault ? "bad" : "soft"}>${problem || fault || (sending > 0 ? t("sending") : "")}</p>
  </div>`;
}
