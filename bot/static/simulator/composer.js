// Where the user types: text, the account's menu, and the drawer with picture, place and following.
import { useRef, useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import { act, sendImage } from "./connection.js";
import { t } from "./texts.zh-CN.js";

const MAX_CHARS = 2000;

export function Composer({ tell }) {
  const [text, setText] = useState("");
  const [drawer, setDrawer] = useState(false);
  const [menu, setMenu] = useState(false);
  const field = useRef(null);
  const picker = useRef(null);

  function send(event) {
    event?.preventDefault();
    if (!text.trim()) return;
    if ([...text].length > MAX_CHARS) return tell(t.tooLong(MAX_CHARS));
    if (!act({ kind: "text", text })) return tell(t.notConnected);
    setText("");
    tell("");
    field.current?.focus();
  }

  function key(event) {
    // An input method ends its composition with Enter: that one is not meant for us.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  }

  async function picked(event) {
    const file = event.target.files[0];
    event.target.value = "";
    setDrawer(false);
    if (file) tell((await sendImage(file)) ? "" : t.imageFailed);
  }

  const does = (frame) => () => {
    setDrawer(false);
    tell(act(frame) ? "" : t.notConnected);
  };

  return html`
    <div class="foot">
      <form class="bar" onSubmit=${send}>
        <button type="button" class="round" aria-label=${menu ? t.showKeyboard : t.showMenu} onClick=${() => setMenu(!menu)}>
          ${menu ? keyboard : lines}
        </button>
        ${menu
          ? html`
              <div class="menu" role="group" aria-label=${t.menuHeading}>
                ${t.menu.map((item) => html`<button type="button" key=${item.key} onClick=${does({ kind: "menu", key: item.key })}>${item.name}</button>`)}
              </div>
            `
          : html`
              <textarea ref=${field} rows="1" aria-label=${t.input} value=${text} onInput=${(event) => setText(event.target.value)} onKeyDown=${key}></textarea>
              ${text.trim()
                ? html`<button class="send">${t.send}</button>`
                : html`
                    <button type="button" class="round" aria-expanded=${drawer} aria-label=${drawer ? t.less : t.more} onClick=${() => setDrawer(!drawer)}>
                      ${plus}
                    </button>
                  `}
            `}
      </form>
      ${drawer &&
      !menu &&
      html`
        <div class="drawer">
          <button type="button" onClick=${() => picker.current?.click()}><span>${photo}</span>${t.album}</button>
          <button type="button" onClick=${does({ kind: "location", label: t.place })}><span>${pin}</span>${t.location}</button>
          <button type="button" onClick=${does({ kind: "follow" })}><span>${heart}</span>${t.follow}</button>
        </div>
      `}
      <input ref=${picker} class="hidden" type="file" tabindex="-1" aria-label=${t.album} accept="image/jpeg,image/png,image/gif" onChange=${picked} />
    </div>
  `;
}

const icon = (path) => html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;
const plus = icon("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 5v8m-4-4h8");
const lines = icon("M5 7h14M5 12h14M5 17h14");
const keyboard = icon("M4 6h16v12H4zM8 10h.01M12 10h.01M16 10h.01M8 14h8");
const photo = icon("M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01");
const pin = icon("M12 21s7-6.2 7-11a7 7 0 1 0-14 0c0 4.800 7 11 7 11Zm0-8.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z");
const heart = icon("M12 20s-7.500-4.600-7.500-10A4.200 4.200 0 0 1 12 7.600 4.200 4.200 0 0 1 19.500 10c0 5.400-7.500 10-7.500 10Z");
