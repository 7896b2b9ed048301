// Our own two lines: htm's templates make preact's elements.
import htm from "./htm-core.js";
import { h } from "./preact.js";

export const html = htm.bind(h);
