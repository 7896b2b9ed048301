// Files on their way to a customer: picked, pasted or dropped, with how far they have got.
import { html } from "/static/vendor/htm.js";
import { signal } from "/static/vendor/signals.js";
import { loadList } from "./lists.js";
import { openId, readOn } from "./model.js";
import { onSignOut } from "./state.js";
import { bytes, t } from "./text.js";

export const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif,application/pdf,video/mp4,audio/mpeg,audio/mp4,.docx,.xlsx";
const uploads = signal([]);
const change = (key, values) => (uploads.value = uploads.value.map((item) => (item.key === key ? { ...item, ...values } : item)));
const remove = (key) => (uploads.value = uploads.value.filter((item) => item.key !== key));
onSignOut(() => (uploads.value = []));

export function addFiles(conversation, files) {
  for (const file of files) {
    const item = { key: crypto.randomUUID(), conversation, file, share: 0, error: "" };
    uploads.value = [...uploads.value, item];
    start(item);
  }
}

/** XMLHttpRequest: fetch does not tell how much of a body has gone. */
function start({ key, conversation, file }) {
  change(key, { share: 0, error: "" });
  const request = new XMLHttpRequest();
  const name = encodeURIComponent(file.name || t("picture"));
  request.open("POST", `/api/v1/desk/conversations/${conversation}/files?client_id=${key}&name=${name}`);
  request.upload.onprogress = (event) => event.lengthComputable && change(key, { share: event.loaded / event.total });
  request.onload = () => {
    if (request.status === 201) {
      remove(key);
      if (openId.value === conversation) readOn().catch(() => {});
      loadList();
    } else change(key, { error: detailOf(request) });
  };
  request.onerror = () => change(key, { error: t("noNetwork") });
  request.send(file);
  change(key, { request });
}

function detailOf(request) {
  try {
    return JSON.parse(request.responseText).detail || t("refused", { status: request.status });
  } catch {
    return t("refused", { status: request.status });
  }
}

export function Uploads({ id }) {
  const mine = uploads.value.filter((item) => item.conversation === id);
  if (mine.length === 0) return null;
  const drop = (item) => {
    item.request?.abort();
    remove(item.key);
  };
  return html`<ul class="uploads" aria-label=${t("uploads")}>${mine.map((item) => html`<li key=${item.key} class=${item.error ? "bad" : ""}>
    <span class="name">${item.file.name || t("picture")}</span> <small>${bytes(item.file.size)}</small>
    ${item.error
      ? html`<span role="alert">${item.error}</span> <button type="button" class="link" onClick=${() => start(item)}>${t("retry")}</button>`
      : html`<progress max="1" value=${item.share} aria-label=${t("uploading", { name: item.file.name })}></progress>`}
    <button type="button" class="link" aria-label=${t("dropFile", { name: item.file.name })} onClick=${() => drop(item)}>✕</button>
  </li>`)}</ul>`;
}
