// Where the customer writes. What was typed stays typed until it is on its way.
import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { Picture, Send } from "./icons.js";
import { isLarge } from "./size.js";
import { texts } from "./texts.js";

const TALLEST_PX = 132;
const IME = 229; // Safari ends composing before it tells of the Enter that did it

export function Composer({ chat, draft, isOpen }) {
  const field = useRef(null);
  const picker = useRef(null);
  const [problem, setProblem] = useState(null);

  useEffect(() => {
    const box = field.current;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, TALLEST_PX)}px`;
  }, [draft.value, isLarge.value]);

  useEffect(() => {
    // On a phone the keyboard would cover what was opened to be read.
    if (isOpen.value && matchMedia("(hover: hover)").matches) field.current.focus();
  }, [isOpen.value]);

  const send = () => {
    const text = draft.value.trim();
    if (!text) return;
    const refused = chat.send(text);
    setProblem(refused);
    if (!refused) draft.value = "";
    field.current.focus();
  };
  const sendFiles = (files) => {
    const refusals = [...files].map((file) => chat.sendFile(file)).filter(Boolean);
    setProblem(refusals[0] ?? null);
  };
  useEffect(() => acceptDrops(sendFiles), []);
  const onKeyDown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === IME) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    sendFiles(files);
  };

  return html`
    <form class="composer" onSubmit=${(event) => (event.preventDefault(), send())}>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <div class="row">
        <button type="button" class="icon" aria-label=${texts.image} title=${texts.image} onClick=${() => picker.current.click()}>
          <${Picture} />
        </button>
        <input ref=${picker} type="file" accept="image/jpeg,image/png,image/webp,video/mp4,video/webm" multiple hidden tabindex="-1" aria-label=${texts.image}
          onChange=${(event) => (sendFiles(event.target.files), (event.target.value = ""))} />
        <textarea ref=${field} rows="1" aria-label=${texts.composer} placeholder=${texts.composer} enterkeyhint="send" value=${draft.value}
          onInput=${(event) => ((draft.value = event.target.value), chat.types(draft.value !== ""))} onKeyDown=${onKeyDown} onPaste=${onPaste}></textarea>
        <button type="submit" class="icon send" aria-label=${texts.send} title=${texts.send} disabled=${!draft.value.trim()}><${Send} /></button>
      </div>
    </form>`;
}

// Files may be dropped anywhere on the chat.
function acceptDrops(take) {
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", event.type === "dragover");
  };
  const drop = (event) => {
    over(event);
    if (event.dataTransfer.files.length) take(event.dataTransfer.files);
  };
  const listeners = { dragover: over, dragleave: over, drop };
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener);
  return () => Object.entries(listeners).forEach(([name, listener]) => document.removeEventListener(name, listener));
}
