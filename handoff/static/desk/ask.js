import { language, t } from "./text.js";

const BASE = "/api/v1/desk";

/** Ask the service, the desk's part of it unless the path says otherwise; throws an Error with a sentence for people, and `status` (0: it was not reached), `code` and `fields`. */
export async function ask(path, method = "GET", body, options = {}) {
  let answer;
  try {
    answer = await fetch(path.startsWith("/api/") ? path : BASE + path, {
      method,
      body: body ? JSON.stringify(body) : undefined,
      ...options,
      headers: { "Accept-Language": language, ...(body && { "Content-Type": "application/json" }), ...options.headers },
    });
  } catch {
    throw Object.assign(new Error(t("noNetwork")), { status: 0 });
  }
  if (answer.status === 204) return null;
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  const error = new Error(data.detail || t("refused", { status: answer.status }));
  throw Object.assign(error, { status: answer.status, code: data.title, fields: data.fields ?? [], body: data });
}
