// Which page is shown, as the part of the address behind "#": it survives a reload and can be sent to a colleague.
import { signal } from "/static/vendor/signals.js";

const PAGES = ["chats", "search", "register", "supervisor", "staff", "canned", "settings"];

function read() {
  const [name, query] = location.hash.slice(1).split("?");
  return { page: PAGES.includes(name) ? name : "chats", params: new URLSearchParams(query) };
}

export const route = signal(read());

const addressOf = (page, params) => {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value)).toString();
  return `#${page}${query ? `?${query}` : ""}`;
};

export function go(page, params = {}) {
  const address = addressOf(page, params);
  if (location.hash !== address) history.pushState(null, "", address);
  route.value = read();
}

/** Note in the address what is shown without making a step that "back" would go over. */
export function note(page, params = {}) {
  history.replaceState(null, "", addressOf(page, params));
  route.value = read();
}

window.addEventListener("popstate", () => (route.value = read()));
window.addEventListener("hashchange", () => (route.value = read()));
