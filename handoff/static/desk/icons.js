import { html } from "/static/vendor/htm.js";

// Outlines on a grid of 24, drawn for this desk.
const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16 16l5 5",
  filter: "M4 6h16M7 12h10M10 18h4",
  file: "M20 11l-8 8a5 5 0 0 1-7-7l8-8a3.3 3.3 0 0 1 5 5l-8 8a1.7 1.7 0 0 1-2.400-2.400l7-7",
  canned: "M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12.500h5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  gear: "M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.100 2.100M16.300 16.300l2.100 2.100M18.400 5.600l-2.100 2.100M7.700 16.300l-2.100 2.100",
  eye: "M2 12s4-7 10-7s10 7 10 7s-4 7-10 7s-10-7-10-7M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6",
  chart: "M4 20V10M10 20V4M16 20v-8M21 20H3",
  people: "M9 5a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7M2.500 20c0-4 3-6 6.500-6s6.500 2 6.500 6M16 5.500a3 3 0 0 1 0 6M18 14.500c2.500.800 3.500 3 3.500 5.500",
  help: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.700.300-1 .800-1 1.700M12 16.500h.01",
  exit: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  chats: "M4 5h16v12H9l-5 4z",
};

export const Icon = ({ name }) => html`<svg class="picto" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
