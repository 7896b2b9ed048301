import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { Icon } from "./icons.js";

/** A button with a list of things to do: arrows go through it, Escape and a click elsewhere close it. */
export function Menu({ label, icon = "more", items, kind = "" }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    if (!isOpen) return;
    box.current.querySelector("[role=menuitem]")?.focus();
    const away = (event) => !box.current?.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    box.current.querySelector("button").focus();
  };
  const press = (event) => {
    if (!isOpen) return;
    const all = [...box.current.querySelectorAll("[role=menuitem]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (step) all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class=${`menu ${kind}`} ref=${box} onKeyDown=${press}>
    <button type="button" class="icon" aria-label=${label} title=${label} aria-haspopup="menu" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}><${Icon} name=${icon} /></button>
    ${isOpen && html`<div role="menu" aria-label=${label}>${items.filter(Boolean).map(
      (item) => html`<button type="button" role="menuitem" class=${item.kind ?? ""} key=${item.label} onClick=${() => { close(); item.act(); }}>${item.label}${item.hint && html`<kbd>${item.hint}</kbd>`}</button>`,
    )}</div>`}
  </div>`;
}
