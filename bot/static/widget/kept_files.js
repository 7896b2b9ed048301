// Files that are not with us yet, kept by the browser over a reload: a day at most, and not too much of them. Each under a key
// that only its tab knows, as the words beside it. Nothing here ever fails: what cannot be kept is not kept.
import { load, remove, save } from "./memory.js";

const NAME = "huiyin";
const FILES = "files";
const KEPT = "huiyin.files"; // whether there may be some: whoever sends none never opens a database
const LONGEST_MS = 24 * 60 * 60_000;
const MOST_BYTES = 64 * 1024 * 1024;
const PATIENCE_MS = 3000; // what is written after a file waits until it is found, or is not

let last = Promise.resolve();

// One after the other: what is dropped is dropped after it was kept.
function inTurn(work) {
  last = last.then(work).catch(() => null);
  return last;
}

function opened() {
  return new Promise((resolve, reject) => {
    const asking = indexedDB.open(NAME, 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore(FILES, { keyPath: "key" });
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = asking.onblocked = () => reject(asking.error);
  });
}

// Calls work(store) in one transaction. What the request that it returns found, once everything is done.
async function stored(work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(FILES, "readwrite");
      const request = work(transaction.objectStore(FILES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

const isOld = ({ at }) => !(Date.now() - at < LONGEST_MS);

// Drops what is too old; then calls next(left) with what is not.
function tidied(store, next) {
  const all = store.getAll();
  all.onsuccess = () => {
    const old = all.result.filter(isOld);
    for (const { key } of old) store.delete(key);
    try {
      next(all.result.filter((item) => !old.includes(item)));
    } catch {
      all.transaction.abort(); // it cannot be stored
    }
  };
  return all;
}

export function keepFile(key, file) {
  return inTurn(async () => {
    save(KEPT, "yes");
    await stored((store) =>
      tidied(store, (left) => {
        const bytes = left.reduce((sum, item) => sum + item.file.size, file.size);
        if (bytes <= MOST_BYTES) store.put({ key, file, at: Date.now() });
      }),
    );
  });
}

// The file under *key*, or null.
export function keptFile(key) {
  const found = inTurn(async () => {
    const item = await stored((store) => store.get(key));
    return item && !isOld(item) ? item.file : null;
  });
  return Promise.race([found, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null))]);
}

export function dropFile(key) {
  return inTurn(() => stored((store) => store.delete(key)));
}

export function dropFiles() {
  return inTurn(async () => {
    if (!load(KEPT)) return;
    await stored((store) => store.clear());
    remove(KEPT);
  });
}

// What other tabs left behind and nobody will ask for.
export function dropOldFiles() {
  return inTurn(() => load(KEPT) && stored((store) => tidied(store, (left) => left.length || remove(KEPT))));
}
