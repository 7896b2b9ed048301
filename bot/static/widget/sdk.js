// Puts the bank's chat on a page: a button, and behind it a frame that is loaded when it is first needed.
//
//   <script>window.huiyin = window.huiyin || function () { (huiyin.q = huiyin.q || []).push(arguments); };</script>
//   <script async src="https://<our host>/widget/sdk.js"></script>
//   huiyin("setUser", { token });  huiyin("open");  huiyin("on", "unread", (count) => ...);
//
// Settings before the script: window.huiyinSettings = { token, locale, launcher: true, label, size: "large", title: true, back: true }.
(() => {
  "use strict";
  if (window.huiyin?.isReady) return;
  const origin = new URL(document.currentScript.src).origin;
  const settings = { launcher: true, locale: "zh-CN", title: true, back: true, ...window.huiyinSettings };
  const wordsIn = (locale) => (/^en\b/i.test(locale)
    ? { label: "Customer service", frame: "Customer service chat", unread: "unread", close: "Close" }
    : { label: "在线客服", frame: "在线客服", unread: "条未读", close: "关闭" });
  let words = wordsIn(settings.locale);
  const USED = "huiyin.used"; // this browser has chatted before: load at once, so that unread messages show
  const FORGET = "huiyin.forget"; // the customer signed out where no frame was there to be told
  const KEPT = "huiyin.kept"; // for a frame that the browser gives no storage
  const MARK = "huiyinChat"; // in the history of a phone: the chat lies over this page
  const sheet = matchMedia("(max-width: 639.98px), (max-height: 480px)"); // the chat takes the whole screen
  const listeners = {};
  let user = userOf(settings);
  let isOpen = false;
  let isLoaded = false;
  let isBooted = false; // the frame has answered: it is ours, not the browser's page for an address that could not be reached
  let frame = null;
  let unread = "";
  let scrolling = null; // how the page scrolled before the chat lay over it

  const style = `
    :host { all: initial; }
    button { position: fixed; right: calc(20px + env(safe-area-inset-right)); bottom: calc(20px + env(safe-area-inset-bottom)); z-index: 2147483000;
      display: flex; align-items: center; gap: 8px; min-width: 56px; min-height: 56px; padding: 0 20px 0 16px; border: 2px solid transparent; border-radius: 28px;
      background: #0c5a6b; color: #fff; font: 600 16px/1 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; cursor: pointer;
      box-shadow: 0 6px 24px rgb(16 40 46 / 28%); }
    button:hover { background: #084654; }
    button:focus-visible { outline: 3px solid #c06a00; outline-offset: 3px; }
    .badge { position: absolute; top: -6px; right: -4px; min-width: 24px; padding: 5px 6px; box-sizing: border-box; border-radius: 12px; background: #ad2b24;
      color: #fff; font-size: 13px; text-align: center; }
    .spare { z-index: 2147483002; bottom: auto; top: calc(12px + env(safe-area-inset-top)); min-height: 44px; padding: 0 16px; }
    [hidden] { display: none; }
    iframe { position: fixed; inset: 0; z-index: 2147483001; width: 100%; height: 100%; border: 0; background: #eef2f3; color-scheme: light dark; }
    @media (min-width: 640px) and (min-height: 480.02px) {
      iframe { inset: auto 20px 20px auto; width: 380px; height: min(600px, calc(100vh - 40px)); border-radius: 16px; box-shadow: 0 10px 40px rgb(16 40 46 / 30%); }
    }
    @media (prefers-color-scheme: dark) { iframe { background: #0e1719; } button { background: #1a7387; } }`;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  try {
    // A constructed sheet passes a strict Content-Security-Policy of the page; a <style> might not.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(Object.assign(document.createElement("style"), { textContent: style }));
  }
  const button = Object.assign(document.createElement("button"), { type: "button", hidden: !settings.launcher });
  button.innerHTML = `<svg viewBox="0 0 24 24" width="26" height="26" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"
    stroke-linejoin="round" aria-hidden="true"><path d="M4 5h16v11H9l-5 4z"/><path d="M8.5 9h7"/><path d="M8.5 12h4"/></svg>`;
  const label = document.createElement("span");
  label.textContent = settings.label || words.label;
  const badge = Object.assign(document.createElement("span"), { className: "badge", hidden: true });
  button.append(label, badge);
  button.addEventListener("click", () => open());
  // The way out while the frame has not come: its own is inside of it.
  const spare = Object.assign(document.createElement("button"), { type: "button", className: "spare", hidden: true });
  spare.addEventListener("click", () => close());
  root.append(button, spare);

  function load() {
    if (frame) return;
    frame = Object.assign(document.createElement("iframe"), {
      src: `${origin}/widget/?locale=${encodeURIComponent(settings.locale)}`,
      title: words.frame,
      hidden: true,
      allow: "clipboard-write",
    });
    frame.addEventListener("load", () => {
      isLoaded = true;
      say("boot", { ...user, locale: settings.locale, size: settings.size, open: isOpen, forgets: recall(FORGET), kept: kept() });
    });
    root.append(frame);
  }

  function unload() {
    frame.remove();
    frame = null;
    isLoaded = false;
  }

  // A signed login, or an id with the hash that the bank's server made of it. Anything else proves nothing and is not sent.
  function userOf(value) {
    if (value?.token) return { token: String(value.token) };
    if (value?.identifier && value.identifier_hash) return { token: `h:${value.identifier_hash}:${value.identifier}` };
    return null;
  }

  function say(command, value) {
    if (isLoaded) frame.contentWindow.postMessage({ huiyin: command, value }, origin);
  }

  function open() {
    load();
    if (isOpen) return;
    isOpen = true;
    remember(USED);
    frame.hidden = false;
    button.hidden = true;
    spare.hidden = isBooted;
    spare.textContent = words.close;
    cover();
    say("open");
    frame.focus();
    emit("open");
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    frame.hidden = spare.hidden = true;
    if (!isBooted) unload(); // the next opening tries again
    button.hidden = !settings.launcher;
    uncover();
    if (isMarked()) history.back();
    say("close");
    button.focus();
    emit("close");
  }

  // --- over the whole screen: the page below stays where it is, and the phone's way back closes the chat ------------------

  const isMarked = () => Boolean(history.state?.[MARK]);

  function cover() {
    if (sheet.matches && scrolling === null) {
      scrolling = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
      mark();
    }
    fit();
  }

  function mark() {
    if (!settings.back || isMarked()) return;
    try {
      // The page's own state goes along, so that a router finds itself where it was.
      history.pushState({ ...Object(history.state), [MARK]: true }, "");
    } catch {
      // a page without a history of its own
    }
  }

  function uncover() {
    if (scrolling !== null) document.documentElement.style.overflow = scrolling;
    scrolling = null;
    fit();
  }
  sheet.addEventListener("change", () => isOpen && (sheet.matches ? cover() : uncover()));

  // A keyboard covers part of the screen, and what is left of it may be scrolled: the chat stays in what is seen.
  function fit() {
    const { height, offsetTop, scale } = window.visualViewport ?? {};
    const isCovered = isOpen && sheet.matches && scale <= 1.01;
    if (frame) Object.assign(frame.style, isCovered ? { top: `${offsetTop}px`, height: `${height}px` } : { top: "", height: "" });
  }
  for (const name of ["resize", "scroll"]) window.visualViewport?.addEventListener(name, fit);
  window.addEventListener("popstate", () => isOpen && scrolling !== null && !isMarked() && close());

  // --- kept in the page's storage, where there is one ----------------------------------------------------------------------

  function remember(key) {
    try {
      localStorage.setItem(key, "1");
    } catch {
      // no storage: the badge starts with the first opening
    }
  }

  function recall(key) {
    try {
      return localStorage.getItem(key) === "1";
    } catch {
      return false;
    }
  }

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
      return {};
    }
  }

  function keep({ key, value }) {
    const { [key]: _, ...others } = kept();
    try {
      localStorage.setItem(KEPT, JSON.stringify(value === null ? others : { ...others, [key]: value }));
    } catch {
      // no storage here either: lasts as long as the page
    }
  }

  function forgo(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing was kept
    }
  }

  // What waits to be read stands in the title too, for whoever is in another tab.
  function entitle(count) {
    if (!settings.title || (!count && !unread)) return;
    const bare = document.title.startsWith(unread) ? document.title.slice(unread.length) : document.title;
    unread = count ? `(${count > 99 ? "99+" : count}) ` : "";
    document.title = unread + bare;
  }

  function emit(event, value) {
    for (const listener of listeners[event] ?? []) listener(value);
    window.dispatchEvent(new CustomEvent(`huiyin:${event}`, { detail: value }));
  }

  const events = {
    close,
    keep,
    unread(count) {
      badge.hidden = !count;
      badge.textContent = count > 99 ? "99+" : count;
      button.setAttribute("aria-label", count ? `${label.textContent} ${count} ${words.unread}` : label.textContent);
      entitle(count);
      emit("unread", count);
    },
    booted() {
      isBooted = spare.hidden = true;
      forgo(FORGET);
    },
    "login-over": () => emit("login-over"),
  };

  window.addEventListener("message", ({ source, origin: from, data }) => {
    if (!frame || source !== frame.contentWindow || from !== origin || typeof data?.huiyin !== "string") return;
    if (Object.hasOwn(events, data.huiyin)) events[data.huiyin](data.value);
  });

  const commands = {
    open,
    close,
    toggle: () => (isOpen ? close() : open()),
    setUser(value) {
      user = userOf(value);
      say("setUser", user);
    },
    reset() {
      user = null;
      say("reset");
      if (isBooted || !recall(USED)) return;
      remember(FORGET); // until a frame has said that it heard of it
      load();
    },
    setLocale(locale) {
      settings.locale = String(locale);
      words = wordsIn(settings.locale);
      if (!settings.label) label.textContent = words.label;
      if (frame) frame.title = words.frame;
      say("setLocale", settings.locale);
    },
    on: (event, listener) => (listeners[event] = [...(listeners[event] ?? []), listener]),
  };

  const queued = window.huiyin?.q ?? [];
  window.huiyin = (name, ...values) => {
    if (Object.hasOwn(commands, name)) commands[name](...values);
  };
  window.huiyin.isReady = true;

  function mount() {
    document.body.append(host);
    for (const [name, ...values] of queued) window.huiyin(name, ...values);
    if (user || recall(USED)) load();
    if (isMarked() && sheet.matches) open(); // the page was loaded anew below the chat
    emit("ready");
  }
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
