// What is written and not yet with us, kept for this tab: a reload loses no word, and who comes after sees none.
import { dropFiles } from "./kept_files.js";

const KEPT = "huiyin.unsent";

// Whose words these are: the same customer with a new token is the same one.
export function ownerOf(token) {
  if (!token) return "";
  if (token.startsWith("h:")) return token.split(":").slice(2).join(":");
  try {
    const claims = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return String(JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(claims), (char) => char.charCodeAt(0)))).sub);
  } catch {
    return token;
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null; // no storage, or nothing there that can be read
  }
}

export function keepUnsent(owner, pending, draft) {
  // A file is kept elsewhere (kept_files.js); here stands that there was one, and the token of one that is uploaded.
  const items = pending.map(({ client_id, text, payload, at, kind, key, upload, error }) => ({ client_id, text, payload, at, kind, key, upload, error }));
  try {
    if (items.length || draft) sessionStorage.setItem(KEPT, JSON.stringify({ owner, items, draft }));
    else if (kept()?.owner === owner) sessionStorage.removeItem(KEPT);
  } catch {
    // no storage: lasts as long as the page
  }
}

export function dropUnsent() {
  dropFiles();
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // nothing was kept
  }
}

// What *owner* had not sent when the page was left. A page may learn late who is signed in, so nobody throws nothing away;
// another customer does.
export function keptUnsent(owner) {
  const found = kept();
  if (found?.owner === owner) return found;
  if (found && owner) dropUnsent();
  return { items: [], draft: "" };
}
