import { html } from "/static/vendor/htm.js";
import { useId, useLayoutEffect, useRef } from "/static/vendor/hooks.js";
import { Icon } from "./icons.js";
import { t } from "./text.js";

/** A box over the page: what is behind it cannot be reached, Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children, kind = "" }) {
  const box = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const [before, dialog] = [document.activeElement, box.current];
    dialog.showModal();
    return () => {
      dialog.close(); // as long as it is open, nothing behind it takes the focus
      if (before?.isConnected) before.focus();
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  const press = (event) => event.target === box.current && onClose();
  return html`<dialog ref=${box} class=${`dialog ${kind}`} aria-labelledby=${id} onCancel=${cancel} onMouseDown=${press}>
    <header><h2 id=${id}>${title}</h2>
      <button type="button" class="icon" aria-label=${t("dismiss")} title=${t("dismiss")} onClick=${onClose}><${Icon} name="close" /></button></header>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}
