// Conversations from before the present one, above it in the same scroll. They are no news: nothing here is read out by itself.
import { html } from "/static/vendor/htm.js";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "/static/vendor/hooks.js";
import { Divider, Entry } from "./entry.js";
import { Attachment } from "./picture.js";
import { fill, texts } from "./texts.js";
import { dayName } from "./times.js";

export function Past({ chat }) {
  const root = useRef(null);
  const end = useRef(null);
  const { earlier } = chat;
  const stretches = earlier.stretches.value;
  const state = earlier.state.value;
  // How it stood before this drawing puts something in front.
  const bottom = root.current?.getBoundingClientRect().bottom;
  const hadFocus = root.current?.contains(document.activeElement);
  useLayoutEffect(() => {
    if (!stretches.length) return;
    // What is being read stays where it is.
    root.current.parentElement.scrollTop += root.current.getBoundingClientRect().bottom - bottom;
    if (hadFocus && !root.current.contains(document.activeElement)) end.current?.focus({ preventScroll: true });
  }, [stretches]);
  if (state === "none" && !stretches.length) return null;
  return html`
    <section class="past" ref=${root} aria-label=${texts.earlier.label}>
      ${state === "none"
        ? html`<p class="divider" tabindex="-1" ref=${end}><span>${texts.earlier.none}</span></p>`
        : html`
          ${state === "failed" && html`<p class="problem" role="alert">${texts.earlier.failed}</p>`}
          <button type="button" aria-disabled=${String(state === "loading")} onClick=${() => chat.lookBack()}>
            ${state === "loading" ? texts.earlier.loading : texts.earlier.show}
          </button>`}
      ${stretches.map((stretch) => html`<${Stretch} key=${stretch.conversation} chat=${chat} stretch=${stretch} />`)}
      ${stretches.length > 0 && html`<p class="divider now"><span>${texts.earlier.now}</span></p>`}
      <p class="unseen" aria-live="polite">${stretches.length > 0 && fill(texts.earlier.count, { count: countOf(stretches) })}</p>
    </section>`;
}

const countOf = (stretches) => stretches.reduce((count, { messages }) => count + messages.length, 0);

function Stretch({ chat, stretch }) {
  const id = useId();
  const { messages, tickets } = stretch;
  return html`
    <section aria-labelledby=${id}>
      <h2 class="divider" id=${id}>
        <span>${dayName(messages[0].at)}</span>
        ${tickets.length > 0 && html`<span>${fill(texts.earlier.tickets, { numbers: tickets.join(texts.earlier.and) })}</span>`}
      </h2>
      <ul>
        ${messages.flatMap((entry, n) => [
          n > 0 && html`<${Divider} key=${`d${entry.seq}`} entry=${entry} before=${messages[n - 1]} />`,
          html`<${Entry} key=${entry.seq} chat=${chat} entry=${entry} before=${messages[n - 1]} after=${messages[n + 1]} file=${Framed} />`,
        ])}
      </ul>
    </section>`;
}

// A picture of then is fetched when it comes into sight, and takes no more room than was kept for it: nothing moves.
function Framed({ chat, file }) {
  const frame = useRef(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (!frame.current) return undefined;
    const watching = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && setSeen(true));
    watching.observe(frame.current);
    return () => watching.disconnect();
  }, []);
  if (!/^(image|video)\//.test(file.media_type)) return html`<${Attachment} chat=${chat} file=${file} />`;
  return html`<div class="frame" ref=${frame}>${isSeen && html`<${Attachment} chat=${chat} file=${file} />`}</div>`;
}
