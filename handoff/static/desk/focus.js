import { useEffect, useRef } from "/static/vendor/hooks.js";

/** For the field that somebody will write in next: `autofocus` is heeded once in the life of a page, and in dialogs. */
export function useFocus() {
  const field = useRef(null);
  useEffect(() => field.current?.focus(), []);
  return field;
}
