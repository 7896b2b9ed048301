// Pictures and videos of messages: fetched with the visitor's credential, shown small, opened large.
import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { Close } from "./icons.js";
import { texts } from "./texts.js";

const fetched = new Map(); // one fetch a picture, however often it is drawn

export function forgetFiles() {
  for (const file of fetched.values()) file.then(URL.revokeObjectURL, () => {});
  fetched.clear();
}

function useFile(chat, url) {
  const [source, setSource] = useState(null);
  useEffect(() => {
    if (!url) return;
    if (!fetched.has(url)) fetched.set(url, chat.file(url));
    let isCurrent = true;
    fetched.get(url).then(
      (address) => isCurrent && setSource(address),
      () => {
        fetched.delete(url);
        if (isCurrent) setSource("");
      },
    );
    return () => (isCurrent = false);
  }, [url]);
  return source;
}

export function Attachment({ chat, file, onLoad }) {
  const isPicture = file.media_type.startsWith("image/");
  const isVideo = file.media_type.startsWith("video/");
  const source = useFile(chat, isPicture || isVideo ? file.url : null);
  if (isVideo && source !== "") return html`<${Video} source=${source} onLoad=${onLoad} />`;
  if (!isPicture && !isVideo) return html`<${Other} chat=${chat} file=${file} />`;
  if (source === "") return html`<span class="file">${texts.imageMissing}</span>`;
  return html`<${Picture} source=${source} onLoad=${onLoad} />`;
}

/** A file that is no picture: fetched when it is asked for, and handed to the browser to be kept. */
function Other({ chat, file }) {
  const [state, setState] = useState("");
  const keep = async () => {
    setState("loading");
    try {
      const link = document.createElement("a");
      link.href = await chat.file(file.url);
      link.download = file.name || "file";
      link.click();
      setState("");
    } catch {
      setState("failed");
    }
  };
  return html`<button type="button" class="file" disabled=${state === "loading"} onClick=${keep}>${texts.fileOther} ${file.name}${state === "failed" ? ` · ${texts.imageMissing}` : ""}</button>`;
}

export function Picture({ source, onLoad }) {
  const dialog = useRef(null);
  return html`
    <button type="button" class="picture" aria-label=${texts.imageOpen} disabled=${!source} onClick=${() => dialog.current.showModal()}>
      ${source && html`<img src=${source} alt=${texts.imageAlt} onLoad=${onLoad} />`}
    </button>
    <dialog ref=${dialog} class="large" aria-label=${texts.imageAlt} onClick=${() => dialog.current.close()}>
      <button type="button" class="icon" aria-label=${texts.previewClose}><${Close} /></button>
      ${source && html`<img src=${source} alt=${texts.imageAlt} />`}
    </dialog>`;
}

export function Video({ source, onLoad }) {
  if (!source) return html`<span class="picture" role="img" aria-label=${texts.videoAlt}></span>`;
  return html`<video class="picture" controls playsinline preload="metadata" src=${source} aria-label=${texts.videoAlt} onLoadedMetadata=${onLoad}></video>`;
}
