// Starts the frame: alone on a page, or inside the bank's page when its loader says so.
import { effect, signal } from "/static/vendor/signals.js";
import { h, render } from "/static/vendor/preact.js";
import { Chat } from "./chat.js";
import { isEmbedded, listen, tell } from "./host.js";
import { load, recollect, remove, save } from "./memory.js";
import { forgetFiles } from "./picture.js";
import { begin } from "./size.js";
import { choose, texts } from "./texts.js";
import { App } from "./view.js";

const chat = new Chat();
const isOpen = signal(!isEmbedded);
const unread = signal(0);
const READ = "huiyin.read"; // conversation and seq that the customer saw last
let isStarted = false;

const isSeen = () => isOpen.value && document.visibilityState === "visible";

function clearUnread() {
  if (!isSeen()) return;
  unread.value = 0;
  remember(chat.entries.value.at(-1));
}

function remember(message) {
  if (message) save(READ, JSON.stringify([message.conversation, message.seq]));
}

function isAfterRead(message) {
  const [conversation, seq] = JSON.parse(load(READ) ?? "[null, 0]");
  return conversation !== null && (message.conversation !== conversation || message.seq > seq);
}

// Nothing of the person before may be seen by the next one.
function forget() {
  unread.value = 0;
  remove(READ);
  forgetFiles();
}

// What comes from here on was not seen, even before the page around has heard that we are closed.
function close() {
  isOpen.value = false;
  tell("close");
}

function start({ token, locale, size, kept } = {}) {
  if (isStarted) return;
  isStarted = true;
  recollect(kept);
  begin(size);
  choose(locale || new URLSearchParams(location.search).get("locale") || "zh-CN");
  render(h(App, { chat, isOpen, onClose: isEmbedded ? close : null }), document.body);
  chat.start(token);
}

const commands = {
  boot(value) {
    isOpen.value = Boolean(value?.open);
    start(value ?? {});
    if (value?.forgets) commands.reset();
    tell("booted");
  },
  open: () => (isOpen.value = true),
  close: () => (isOpen.value = false),
  setUser: (value) => chat.identify(value?.token) && forget(),
  setLocale(value) {
    choose(String(value));
    chat.speak();
  },
  reset() {
    chat.reset();
    forget();
  },
};

// What is loaded as history counts as unread only after the place where the customer stopped reading.
chat.onNews = (message) => {
  if (isSeen()) remember(message);
  else if (chat.isSettled || isAfterRead(message)) unread.value += 1;
};
chat.onLoginOver = () => tell("login-over");
effect(() => tell("unread", unread.value));
effect(() => (document.title = `${unread.value ? `(${unread.value}) ` : ""}${texts.title}`));
effect(() => isOpen.value && clearUnread());
document.addEventListener("visibilitychange", clearUnread);

if (isEmbedded) {
  listen((name, value) => commands[name]?.(value));
} else {
  // A native app opens the page with the login behind the '#': it reaches no server log.
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  // A stranger's site may lead here with a login of the stranger's own.
  const isOurs = document.querySelector('meta[name="huiyin-login"]').content === "yes";
  start({ token: isOurs ? token : null, size: new URLSearchParams(location.search).get("size") });
}
