// Private windows and some web views have no storage: then the visitor lasts as long as the page.
const memory = {};

export function load(key) {
  try {
    return localStorage.getItem(key) ?? memory[key];
  } catch {
    return memory[key];
  }
}

export function save(key, value) {
  memory[key] = value;
  try {
    localStorage.setItem(key, value);
  } catch {
    // kept in memory
  }
}

export function remove(key) {
  delete memory[key];
  try {
    localStorage.removeItem(key);
  } catch {
    // was in memory only
  }
}
