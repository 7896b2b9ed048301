// Everything that can be done from anywhere, with its keys: what the shortcuts, the palette and the sheet of keys all know.
import { asking, claim } from "./acts.js";
import { focusComposer, mode } from "./foot.js";
import { list, look } from "./lists.js";
import { chat, mine, open, openId, showsRecord } from "./model.js";
import { prefer, preferences } from "./preferences.js";
import { go, route } from "./route.js";
import { administers, serves } from "./state.js";
import { isPaletteOpen, showsHelp } from "./overlays.js";
import { draftOf } from "./drafts.js";
import { accept, standing } from "./offers.js";

const inChats = () => route.value.page === "chats";

function step(by) {
  const items = list.value.items ?? [];
  const at = items.findIndex((item) => item.id === openId.value);
  const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + by, 0), items.length - 1)];
  if (next) open(next.id);
}

/** Take the open conversation if it waits, or else whoever is served next. */
function take() {
  if (chat.value?.holder === "queued") return claim();
  const next = list.value.items?.find((item) => item.holder === "queued");
  return next && open(next.id).then(claim);
}

function write(what) {
  mode.value = what;
  requestAnimationFrame(focusComposer);
}

function writeCanned() {
  mode.value = "reply";
  requestAnimationFrame(() => {
    focusComposer();
    const field = document.querySelector(".foot textarea");
    if (!field || draftOf(openId.value, "reply")) return;
    field.value = "/";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
}

const nextTheme = () => ({ auto: "dark", dark: "light", light: "auto" })[preferences.value.theme];

export const COMMANDS = [
  { name: "next", keys: "Alt+J", when: inChats, act: () => step(1) },
  { name: "previous", keys: "Alt+K", when: inChats, act: () => step(-1) },
  { name: "claim", keys: "Alt+L", when: () => inChats() && serves() && (chat.value?.holder === "queued" || list.value.items?.some((item) => item.holder === "queued")), act: take },
  { name: "offer", keys: "Alt+O", when: () => standing().length > 0, act: () => accept(standing()[0]) },
  { name: "end", keys: "Alt+E", when: () => inChats() && mine(), act: () => (asking.value = "end") },
  { name: "note", keys: "Alt+P", when: () => inChats() && mine(), act: () => write(mode.value === "note" ? "reply" : "note") },
  { name: "canned", keys: "/", when: () => inChats() && mine(), act: writeCanned },
  { name: "reply", keys: "Alt+R", when: () => inChats() && mine(), act: () => write("reply") },
  { name: "transfer", keys: "Alt+T", when: () => inChats() && mine(), act: () => (asking.value = "transfer") },
  { name: "palette", keys: "Ctrl+K", act: () => (isPaletteOpen.value = true) },
  { name: "help", keys: "?", act: () => (showsHelp.value = true) },
  { name: "mine", act: () => (go("chats"), look("mine")) },
  { name: "waiting", act: () => (go("chats"), look("waiting")) },
  { name: "record", when: () => inChats() && Boolean(chat.value), act: () => (showsRecord.value = !showsRecord.value) },
  { name: "search", act: () => go("search") },
  { name: "register", when: serves, act: () => go("register") },
  { name: "cannedPage", act: () => go("canned") },
  { name: "supervisor", when: administers, act: () => go("supervisor") },
  { name: "staff", when: administers, act: () => go("staff") },
  { name: "settings", act: () => go("settings") },
  { name: "theme", act: () => prefer({ theme: nextTheme() }) },
];

export const possible = () => COMMANDS.filter((command) => !command.when || command.when());
export const command = (name) => COMMANDS.find((one) => one.name === name);
