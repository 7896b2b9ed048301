// The keyboard: every command that has keys, wherever the focus is; keys without Alt or Ctrl only where nobody types.
import { COMMANDS } from "./commands.js";
import { me } from "./state.js";

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]");

function matches(keys, event) {
  const parts = keys.split("+");
  const key = parts.at(-1);
  if (parts.includes("Alt")) return event.altKey && !event.ctrlKey && !event.metaKey && event.code === `Key${key}`;
  if (parts.includes("Ctrl")) return (event.ctrlKey || event.metaKey) && !event.altKey && event.code === `Key${key}`;
  return event.key === key && !event.altKey && !event.ctrlKey && !event.metaKey && !isTyping(event.target);
}

document.addEventListener("keydown", (event) => {
  if (!me.value || event.isComposing || document.querySelector("dialog[open]")) return;
  const found = COMMANDS.find((command) => command.keys && matches(command.keys, event));
  if (!found) return;
  event.preventDefault();
  if (!found.when || found.when()) found.act();
});
