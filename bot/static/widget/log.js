// The conversation as a list of bubbles.
import { html } from "/static/vendor/htm.js";
import { useLayoutEffect, useRef, useState } from "/static/vendor/hooks.js";
import { Divider, Entry } from "./entry.js";
import { Down } from "./icons.js";
import { Past } from "./past.js";
import { Picture, Video } from "./picture.js";
import { isRating, Rating } from "./rating.js";
import { fill, texts } from "./texts.js";
import { timeOf } from "./times.js";
import { Welcome } from "./welcome.js";

const NEAR_END_PX = 80;
const NEAR_TOP_PX = 60;
const UPWARDS = ["Home", "PageUp", "ArrowUp"];

export function Log({ chat, onEdit, onAction }) {
  const box = useRef(null);
  const list = useRef(null);
  const isMoved = useRef(false); // by the customer, since it was moved for them
  const isAtEnd = useRef(true);
  const top = useRef(0);
  const [hasMore, setHasMore] = useState(false);
  const entries = chat.entries.value;
  const pending = chat.pending.value;
  const isTyping = chat.awaiting.value || chat.agentTypes.value;

  const toEnd = () => {
    isMoved.current = false;
    box.current.scrollTop = box.current.scrollHeight;
  };
  const lookUp = () => {
    // What failed is tried again by the button alone.
    if (chat.earlier.state.value !== "more") return;
    isMoved.current = false;
    chat.lookBack();
  };
  const onMove = ({ type, target, key, deltaY }) => {
    if (type === "keydown" && !(target === box.current && UPWARDS.includes(key))) return;
    if (type === "pointerdown" && target !== box.current) return; // not on the scroll bar
    isMoved.current = true;
    // At the very top nothing scrolls any more.
    if (box.current.scrollTop <= 0 && (key || deltaY < 0)) lookUp();
  };
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    // What grew below has not been left: whoever leaves the end goes up.
    if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX) isAtEnd.current = true;
    else if (scrollTop < top.current) isAtEnd.current = false;
    // Whoever scrolls up to the top wants to see what was before.
    if (isMoved.current && scrollTop < top.current && scrollTop < NEAR_TOP_PX) lookUp();
    top.current = scrollTop;
    if (isAtEnd.current) setHasMore(false);
  };
  const isNew = chat.isNew.value;
  const isGreeting = useRef(isNew);
  isGreeting.current = isNew; // a greeting is read from its beginning
  const stay = () => isAtEnd.current && !isGreeting.current && toEnd();
  useLayoutEffect(() => {
    // Somebody reading further up is not torn away; their own message takes them down.
    if (isNew) return;
    if (isAtEnd.current || pending.length) toEnd();
    else setHasMore(true);
  }, [entries.length, pending.length, isTyping]);
  useLayoutEffect(() => {
    // The keyboard, a banner or the rating take room, a ticket's card grows: whoever reads the end goes on seeing it.
    const watching = new ResizeObserver(() => stay());
    watching.observe(box.current);
    watching.observe(list.current);
    return () => watching.disconnect();
  }, []);

  const answer = (button) => chat.send(button.title, button.payload);
  const last = entries.at(-1);
  const buttons = last && last.speaker !== "customer" && !pending.length ? last.buttons : [];
  return html`
    <div class="log-frame">
      <div class="log" ref=${box} role="group" aria-label=${texts.messages} tabindex="0" onScroll=${onScroll}
        onWheel=${onMove} onTouchMove=${onMove} onPointerDown=${onMove} onKeyDown=${onMove}>
        <${Past} chat=${chat} />
        <div role="log" aria-label=${texts.log}>
          <${Welcome} chat=${chat} onAction=${onAction} />
          <ul ref=${list}>
            ${entries.map((entry, n) => html`
              <${Divider} key=${`d${entry.conversation}${entry.seq}`} entry=${entry} before=${entries[n - 1]} />
              <${Entry} key=${entry.conversation + entry.seq} chat=${chat} entry=${entry} before=${entries[n - 1]} after=${entries[n + 1]}
                onLoad=${stay} />`)}
            ${pending.map((item) => html`<${Pending} key=${item.client_id} chat=${chat} item=${item} onEdit=${onEdit} onLoad=${stay} />`)}
            ${isTyping && html`<li class=${chat.agentTypes.value ? "agent" : "bot"}><div class="bubble typing" role="img" aria-label=${texts.typing}><i></i><i></i><i></i></div></li>`}
          </ul>
          ${isRating(buttons) && html`<${Rating} key=${last.conversation} buttons=${buttons} onAnswer=${answer} />`}
          ${buttons.length > 0 && !isRating(buttons) && html`
            <div class="replies" role="group" aria-label=${texts.repliesLabel}>
              ${buttons.map((button) => html`<button type="button" key=${button.payload} onClick=${() => answer(button)}>${button.title}</button>`)}
            </div>`}
        </div>
      </div>
      ${hasMore && html`<button type="button" class="to-end" onClick=${() => (toEnd(), setHasMore(false))}><${Down} />${texts.newMessages}</button>`}
    </div>`;
}

function Pending({ chat, item, onEdit, onLoad }) {
  const edit = () => {
    onEdit(item.text);
    chat.drop(item.client_id);
  };
  return html`
    <li class="customer ${item.error ? "failed" : ""}">
      <span class="unseen">${fill(texts.said, { who: texts.speaker.customer })}</span>
      ${item.text && html`<div class="bubble">${item.text}</div>`}
      ${item.preview && html`<${item.kind === "video" ? Video : Picture} source=${item.preview} onLoad=${onLoad} />`}
      ${item.kind && !item.preview && html`<span class="file">${texts[item.kind === "video" ? "videoAlt" : "imageAlt"]}</span>`}
      ${item.error
        ? html`<p class="problem" role="alert">${item.error}</p>
            <div class="mend">
              ${item.text && html`<button type="button" onClick=${edit}>${texts.edit}</button>`}
              ${!item.isLost && html`<button type="button" onClick=${() => chat.retry(item.client_id)}>${texts.retry}</button>`}
              <button type="button" onClick=${() => chat.drop(item.client_id)}>${texts.remove}</button>
            </div>`
        : html`<${Progress} chat=${chat} item=${item} />`}
    </li>`;
}

// How far a file is; while it is on its way it can still be called back.
function Progress({ chat, item }) {
  if (!item.uploading) return html`<time>${item.seq ? timeOf(item.at) : texts.sending}</time>`;
  const percent = Math.round(item.progress * 100);
  return html`
    <div class="mend">
      <progress max="100" value=${percent} aria-label=${texts.uploading}></progress>
      <button type="button" onClick=${() => chat.drop(item.client_id)}>${texts.cancel}</button>
    </div>`;
}
