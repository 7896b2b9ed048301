import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icons.js";
import { bytes, t } from "./text.js";

/** A file of a message, as one can look at or listen to it; what the browser cannot show is offered to be kept. */
export function Attachment({ item }) {
  const kind = item.media_type.split("/")[0];
  if (kind === "image") return html`<${Picture} item=${item} />`;
  if (kind === "video" && plays(item)) return html`<video controls preload="metadata" src=${item.url} aria-label=${nameOf(item)}></video>`;
  if (kind === "audio" && plays(item)) return html`<audio controls preload="metadata" src=${item.url} aria-label=${nameOf(item)}></audio>`;
  return html`<a class="file" href=${item.url} download=${nameOf(item)}><${Icon} name="file" /><span>${nameOf(item)}</span><small>${item.size ? bytes(item.size) : ""}</small></a>`;
}

const nameOf = (item) => item.name || t("file");
const plays = (item) => document.createElement(item.media_type.split("/")[0]).canPlayType(item.media_type) !== "";

function Picture({ item }) {
  const [isLarge, setLarge] = useState(false);
  const [isMissing, setMissing] = useState(false);
  if (isMissing) return html`<p class="soft">${t("fileLost")}</p>`;
  return html`<button type="button" class="picture" aria-label=${`${t("picture")} ${item.name}`} onClick=${() => setLarge(true)}><img src=${item.url} alt="" onError=${() => setMissing(true)} /></button>
    ${isLarge && html`<${Dialog} title=${nameOf(item)} kind="large" onClose=${() => setLarge(false)}>
      <img src=${item.url} alt=${nameOf(item)} /><p><a href=${item.url} download=${nameOf(item)}>${t("keepFile")}</a></p></${Dialog}>`}`;
}
