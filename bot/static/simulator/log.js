// What stands in the chat: bubbles, pictures, menus to tap, notices and times.
import { useEffect, useRef } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import { act, items } from "./connection.js";
import { t } from "./texts.zh-CN.js";

const GAP_MS = 5 * 60 * 1000;
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });

export function Log({ open }) {
  const log = useRef(null);
  const list = useRef(null);
  const all = items.value;
  // The newest message stays in sight: when one comes, when a picture has loaded, and when the drawer takes room.
  useEffect(() => {
    const observer = new ResizeObserver(() => log.current.scrollTo({ top: log.current.scrollHeight }));
    observer.observe(log.current);
    observer.observe(list.current);
    return () => observer.disconnect();
  }, []);
  return html`
    <div class="log" role="log" ref=${log} aria-label=${t.log} tabindex="0">
      ${all.length === 0 && html`<p class="notice">${t.empty}</p>`}
      <ul ref=${list}>
        ${all.map((item, n) => html`<${Entry} key=${item.n} item=${item} before=${all[n - 1]} open=${open} />`)}
      </ul>
    </div>
  `;
}

function Entry({ item, before, open }) {
  const late = !before || new Date(item.at) - new Date(before.at) > GAP_MS;
  return html`
    ${late && html`<li class="time">${clock.format(new Date(item.at))}</li>`}
    ${item.from === "notice" ? html`<li class="notice">${notice(item)}</li>` : html`<${Message} item=${item} open=${open} />`}
  `;
}

function notice(item) {
  return { follow: t.followed, unavailable: t.unavailable, fault: t.fault }[item.type] ?? "";
}

function Message({ item, open }) {
  const mine = item.from === "me";
  return html`
    <li class=${`message ${mine ? "mine" : "theirs"}`} data-via=${item.via ?? ""}>
      <span class="avatar" aria-hidden="true">${mine ? t.me : t.bank}</span>
      <span class="hidden">${mine ? t.me : t.account}：</span>
      <${Body} item=${item} open=${open} />
    </li>
  `;
}

function Body({ item, open }) {
  if (item.type === "image") {
    const address = `/simulator/media/${item.image}`;
    return html`
      <button class="picture" aria-label=${t.pictureOpen} onClick=${() => open(address)}><img src=${address} alt=${t.picture} /></button>
    `;
  }
  if (item.type === "location") {
    return html`<div class="bubble card"><b>${item.text}</b><span class="map" aria-hidden="true"></span></div>`;
  }
  if (item.type === "msgmenu") {
    return html`
      <div class="bubble">
        ${item.text}
        <div class="choices">
          ${item.choices.map(
            (choice) => html`<button key=${choice.id} onClick=${() => act({ kind: "choice", ...choice })}>${choice.text}</button>`,
          )}
        </div>
        ${item.tail}
      </div>
    `;
  }
  return html`<div class="bubble">${item.text}</div>`;
}
