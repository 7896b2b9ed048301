// The frame from top to bottom.
import { html } from "/static/vendor/htm.js";
import { useEffect } from "/static/vendor/hooks.js";
import { signal } from "/static/vendor/signals.js";
import { Composer } from "./composer.js";
import { Close, Letters, Minimise } from "./icons.js";
import { Log } from "./log.js";
import { grow, isLarge } from "./size.js";
import { fill, texts } from "./texts.js";
import { Waiting } from "./waiting.js";

const choosing = signal(null); // the usual way to begin whose choices lie open

export function App({ chat, isOpen, onClose }) {
  const { draft } = chat;
  const onEdit = (text) => (draft.value = draft.value ? `${text}\n${draft.value}` : text);
  const onAction = (action) => {
    if (action.text) chat.send(action.text);
    choosing.value = action.choices && action !== choosing.value ? action : null;
  };
  useEffect(() => onEscape(onClose), []);
  const sent = chat.pending.value.length;
  useEffect(() => {
    if (sent) choosing.value = null; // whoever wrote instead has chosen: the answer is read without them over it
  }, [sent]);
  return html`
    <${Header} chat=${chat} onClose=${onClose} />
    <main>
      <${Banner} chat=${chat} />
      <${Log} chat=${chat} onEdit=${onEdit} onAction=${onAction} />
      <${Choices} onAction=${onAction} />
      <${Actions} chat=${chat} onAction=${onAction} />
      <${Composer} chat=${chat} draft=${draft} isOpen=${isOpen} />
    </main>`;
}

// Escape puts away what lies open, the chat itself last. A picture shown large takes the key for itself.
function onEscape(onClose) {
  const take = (event) => {
    if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
    if (choosing.value) choosing.value = null;
    else onClose?.();
  };
  document.addEventListener("keydown", take);
  return () => document.removeEventListener("keydown", take);
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
      <button type="button" class="icon" aria-label=${texts.large} title=${texts.large} aria-pressed=${String(isLarge.value)} onClick=${() => grow(!isLarge.value)}>
        <${Letters} />
      </button>
      ${onClose && html`<button type="button" class="icon" aria-label=${texts.close} title=${texts.close} onClick=${onClose}><${Minimise} /></button>`}
    </header>`;
}

// The usual ways to begin stay at hand once the greeting has scrolled away, unless a person is there to ask.
function Actions({ chat, onAction }) {
  const { holder } = chat.state.value;
  if (chat.isNew.value || (holder !== "bot" && holder !== "ended")) return null;
  return html`
    <nav class="chips" aria-label=${texts.actionsLabel}>
      ${texts.actions.map((action) => html`
        <button type="button" key=${action.title} aria-expanded=${action.choices && String(choosing.value === action)} onClick=${() => onAction(action)}>
          ${action.title}
        </button>`)}
    </nav>`;
}

// Choosing instead of typing: kinds of feedback, frequent questions.
function Choices({ onAction }) {
  const action = choosing.value;
  if (!action) return null;
  return html`
    <section class="choices" aria-label=${action.title}>
      <div class="choices-head"><b>${action.title}</b>
        <button type="button" class="icon" aria-label=${texts.choicesClose} onClick=${() => (choosing.value = null)}><${Close} /></button>
      </div>
      <div class="replies">
        ${action.choices.map((choice) => html`<button type="button" key=${choice.title} onClick=${() => onAction(choice)}>${choice.title}</button>`)}
      </div>
    </section>`;
}

// One line on what stands between the customer and an answer: the network first, then the queue.
function Banner({ chat }) {
  const status = chat.connection.value;
  const { holder, position } = chat.state.value;
  if (status === "waiting" || status === "over") return html`<p class="banner warn" role="status">${texts.connection[status]}</p>`;
  if (holder === "queued" && position > 0) return html`<${Waiting} chat=${chat} />`;
  if (holder === "ended") return html`<p class="banner" role="status">${texts.ended}</p>`;
  return null;
}
