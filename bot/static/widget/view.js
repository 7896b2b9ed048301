// The frame from top to bottom.
import { html } from "/static/vendor/htm.js";
import { signal } from "/static/vendor/signals.js";
import { Composer } from "./composer.js";
import { Minimise } from "./icons.js";
import { Log } from "./log.js";
import { fill, texts } from "./texts.js";

const draft = signal("");

export function App({ chat, isOpen, onClose }) {
  const onEdit = (text) => (draft.value = draft.value ? `${text}\n${draft.value}` : text);
  return html`
    <${Header} chat=${chat} onClose=${onClose} />
    <main>
      <${Banner} chat=${chat} />
      <${Log} chat=${chat} onEdit=${onEdit} />
      <${Actions} chat=${chat} />
      <${Composer} chat=${chat} draft=${draft} isOpen=${isOpen} />
    </main>`;
}

function Header({ chat, onClose }) {
  const { holder, agent } = chat.state.value;
  const line = holder === "human" && !agent ? texts.subtitle.humanUnnamed : fill(texts.subtitle[holder], { agent });
  return html`
    <header class=${holder}>
      <div>
        <h1>${texts.title}</h1>
        <p aria-live="polite">${line}</p>
      </div>
      ${onClose && html`<button type="button" class="icon" aria-label=${texts.close} title=${texts.close} onClick=${onClose}><${Minimise} /></button>`}
    </header>`;
}

// The usual ways to begin stay at hand once the greeting has scrolled away, unless a person is there to ask.
function Actions({ chat }) {
  const { holder } = chat.state.value;
  if (chat.isNew.value || (holder !== "bot" && holder !== "ended")) return null;
  return html`
    <nav class="chips" aria-label=${texts.actionsLabel}>
      ${texts.actions.map(({ title, text }) => html`<button type="button" key=${title} onClick=${() => chat.send(text)}>${title}</button>`)}
    </nav>`;
}

// One line on what stands between the customer and an answer: the network first, then the queue.
function Banner({ chat }) {
  const status = chat.connection.value;
  const { holder, position } = chat.state.value;
  if (status === "waiting" || status === "over") return html`<p class="banner warn" role="status">${texts.connection[status]}</p>`;
  if (holder === "queued" && position > 0) {
    const text = position === 1 ? texts.queue.first : fill(texts.queue.ahead, { ahead: position - 1 });
    return html`<p class="banner" role="status">${text}</p>`;
  }
  if (holder === "ended") return html`<p class="banner" role="status">${texts.ended}</p>`;
  return null;
}
