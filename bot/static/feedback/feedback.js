// What the customer fills in, kept until it has arrived, and how it is sent. Draws nothing.
import { signal } from "/static/vendor/signals.js";
import { inLanguage } from "/static/language.js";
import { fill, texts } from "./texts.js";

const KEPT = "huiyin.form";
const MAX_FILES = 9;
const EMPTY = { kind: "", product: "", content: "", demand: "", place: "", when: "", name: "", phone: "", preferred: "" };
const BRANCH = branchIn(new URLSearchParams(location.search).get("branch")?.trim() ?? "");

export const start = signal(null); // what the service told us: pass, kinds, products, limits
export const startFailed = signal(false);
export const values = signal({ ...EMPTY, ...kept() });
export const branch = signal(BRANCH);
export const files = signal([]); // { id, name, progress, upload, error }
export const filed = signal(null); // the service's answer

// A code's link names a branch. Anybody can write a link: no number to call and no address to go to may stand on our page as one.
function branchIn(name) {
  return name.length <= 50 && !/\d[\d\s-]{3,}\d|[:/@]|\.\w|www/i.test(name) ? name : "";
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

function keep() {
  try {
    if (filed.value) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, JSON.stringify(values.value));
  } catch {
    // no storage: lasts as long as the page
  }
}

export function change(name, value) {
  values.value = { ...values.value, [name]: value };
  keep();
}

export async function open() {
  startFailed.value = false;
  try {
    const response = await fetch("/api/v1/feedback/form", { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    start.value = await response.json();
  } catch {
    startFailed.value = true;
  }
}

export function again() {
  values.value = { ...EMPTY };
  files.value = [];
  filed.value = null;
  start.value = null;
  open();
}

export function missing() {
  const { kind, content, phone } = values.value;
  if (!kind) return "kind";
  if (!content.trim()) return "content";
  if (phone.trim() && !/^\+?[0-9][0-9 -]{5,18}[0-9]$/.test(phone.trim())) return "phone";
  return null;
}

// --- files -------------------------------------------------------------------------------------------------------------

export function addFiles(chosen) {
  const problems = [...chosen].map(addFile).filter(Boolean);
  return problems[0] ?? null;
}

function addFile(file) {
  const kind = /^image\/(jpeg|png|webp)$/.test(file.type) ? "image" : /^video\/(mp4|webm)$/.test(file.type) ? "video" : null;
  if (!kind) return texts.refused.image_type;
  const limit = start.value.limits[`${kind}_bytes`];
  if (file.size > limit) return fill(texts.refused.too_big, { limit: Math.floor(limit / 1048576) });
  if (files.value.length >= MAX_FILES) return texts.refused.too_many;
  const item = { id: crypto.getRandomValues(new Uint32Array(2)).join("-"), name: file.name, preview: kind === "image" ? URL.createObjectURL(file) : null, progress: 0 };
  files.value = [...files.value, item];
  upload(item.id, file);
  return null;
}

export const removeFile = (id) => (files.value = files.value.filter((item) => item.id !== id));

const changeFile = (id, change) => (files.value = files.value.map((item) => (item.id === id ? { ...item, ...change } : item)));

// Not fetch: that tells nothing of its progress.
function upload(id, file) {
  const request = new XMLHttpRequest();
  request.open("POST", "/api/v1/feedback/uploads");
  for (const [name, value] of Object.entries({ ...inLanguage, Authorization: `Bearer ${start.value.pass}` })) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => event.lengthComputable && changeFile(id, { progress: event.loaded / event.total });
  request.onload = () => {
    let body = {};
    try {
      body = JSON.parse(request.responseText);
    } catch {
      // said below
    }
    changeFile(id, request.status < 300 ? { upload: body.upload } : { error: (texts.locale !== "zh-CN" && texts.refused[body.title]) || body.detail || texts.refused.upload });
  };
  request.onerror = () => changeFile(id, { error: texts.refused.upload });
  request.send(file);
}

export const filesAreReady = () => files.value.every((item) => item.upload || item.error);

// --- sending -----------------------------------------------------------------------------------------------------------

// Sends what was read back. Returns a sentence when it was not taken; pressed twice, one ticket is filed.
export async function send(readback) {
  const { kind, product, content, demand, place, when, name, phone, preferred } = values.value;
  const body = {
    channel: branch.value ? "branch_qr" : "web_form",
    kind,
    content: content.trim(),
    ...(product && { product }),
    ...(demand.trim() && { demand: demand.trim() }),
    ...(branch.value && { branch: branch.value }),
    ...(place.trim() && { occurred_place: place.trim() }),
    // The bank's clock, wherever the customer's is; the form says so where the two differ.
    ...(when && { occurred_at: `${when}:00+08:00` }),
    ...(name.trim() && { customer: { name: name.trim() } }),
    contact: { ...(phone.trim() && { phone: phone.trim() }), ...(preferred && { preferred }) },
    uploads: files.value.filter((item) => item.upload).map((item) => item.upload),
    readback: { confirmed_by: "customer", at: new Date().toISOString(), text: readback.slice(0, 8000) },
  };
  let response;
  try {
    response = await fetch("/api/v1/feedback", {
      method: "POST",
      headers: { ...inLanguage, "Content-Type": "application/json", Authorization: `Bearer ${start.value.pass}` },
      body: JSON.stringify(body),
    });
  } catch {
    return texts.failed;
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) return answer.errors?.map((error) => error.message).join(" ") || answer.detail || texts.failed;
  filed.value = answer;
  keep();
  return null;
}
