// What lies over the page when somebody calls for it.
import { signal } from "/static/vendor/signals.js";
import { onSignOut } from "./state.js";

export const isPaletteOpen = signal(false);
export const showsHelp = signal(false);

onSignOut(() => (isPaletteOpen.value = showsHelp.value = false));
