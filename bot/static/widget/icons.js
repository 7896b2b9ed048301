// Line icons, 24 by 24, in the colour of the text around them.
import { html } from "/static/vendor/htm.js";

const icon = (paths) => () => html`<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8"
  stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${paths.map((d) => html`<path d=${d} />`)}</svg>`;

export const Send = icon(["M12 19V5", "M6 11l6-6 6 6"]);
export const Picture = icon(["M4 5h16v14H4z", "M4 16l4.5-4.5 4 4 2.5-2.5 5 4.5", "M15.5 9.2v.1"]);
export const Letters = icon(["M3 19l5.5-14L14 19", "M5 14.5h7", "M15.5 19l3-7.5 3 7.5", "M16.6 16.5h3.8"]);
export const Star = icon(["M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8-4.2-4.1 5.8-.8z"]);
export const Minimise = icon(["M6 9l6 6 6-6"]);
export const Down = icon(["M12 5v14", "M6 13l6 6 6-6"]);
export const Close = icon(["M6 6l12 12", "M18 6L6 18"]);
export const Feedback = icon(["M4 5h16v11H9l-5 4z", "M8.5 9h7", "M8.5 12h4"]);
export const Help = icon(["M12 3a9 9 0 1 0 .01 0", "M9.6 9.5a2.4 2.4 0 1 1 3.4 2.2c-.7.4-1 .8-1 1.6", "M12 16.5v.1"]);
export const Progress = icon(["M7 3h10v18l-5-3-5 3z", "M10 8h4", "M10 12h4"]);
export const Person = icon(["M12 4a3.6 3.6 0 1 0 .01 0", "M5 20c.6-4 3.2-6 7-6s6.4 2 7 6"]);
