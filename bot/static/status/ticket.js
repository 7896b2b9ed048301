// The ticket behind this page's link: looked up, added to, withdrawn, judged. Draws nothing.
import { inLanguage } from "/static/language.js";
import { signal } from "/static/vendor/signals.js";

const api = `/api/v1/status/${location.pathname.split("/").pop()}`;

export const ticket = signal(null);
export const trouble = signal(null); // a sentence for the customer, or "network"

async function ask(path, body) {
  const options = body
    ? { method: "POST", headers: { ...inLanguage, "Content-Type": "application/json" }, body: JSON.stringify(body) }
    : { headers: inLanguage };
  let response;
  try {
    response = await fetch(api + path, { ...options, cache: "no-store" });
  } catch {
    return { trouble: "network" };
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) ticket.value = answer;
  return response.ok ? answer : { trouble: answer.detail || "network", status: response.status };
}

export async function look() {
  trouble.value = null;
  trouble.value = (await ask("")).trouble ?? null;
}

// The id stays with the words until they have arrived: sent twice, they are written once.
export const add = (text, id) => ask("/additions", { text, client_id: id });

export async function withdraw(statement) {
  const answer = await ask("/withdrawal", { version: ticket.value.version, statement });
  if (answer.status === 409) await ask("");
  return answer;
}

// Whether the answer solved it; if not, why not.
export async function judge(resolved, reason) {
  const answer = await ask("/verdict", { version: ticket.value.version, resolved, reason });
  if (answer.status === 409) await ask("");
  return answer;
}

export const rate = (score, comment) => ask("/rating", { score, comment });

// Not randomUUID: that exists on https pages alone.
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
