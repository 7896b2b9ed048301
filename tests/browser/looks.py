"""How a page of the customer's may look: every size that we promise, light and dark, usual and large letters, in one page after the other.

Sizes, colours and letters change under the same page: what is tested is the state that it is in, and a new page would be in its first one.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

from axe_playwright_python.async_playwright import Axe
from browser.at_work import WCAG
from browser.conftest import DESK, PHONE, SMALL_PHONE
from playwright.async_api import Page

AXE = Axe().axe_script
LEAST_PX = 44  # the shorter side of whatever is tapped

SEE = """async ({ options, large, least }) => {
  document.documentElement.classList.toggle("large-text", large);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".unseen");
  const named = (node) => node.tagName.toLowerCase() + "." + node.className + " " + (node.innerText || node.ariaLabel || "").slice(0, 30);
  const found = [];
  // Not innerWidth: a phone zooms out until all fits, and says so with a larger one.
  const { clientWidth: room, scrollWidth } = document.documentElement;
  if (scrollWidth > room) found.push("the page scrolls sideways: " + scrollWidth);
  for (const node of document.querySelectorAll("body *")) {
    const style = getComputedStyle(node);
    if (!shown(node)) continue;
    const { width, height, left, right } = node.getBoundingClientRect();
    if (node.matches("button, a, select, textarea, input:not([hidden]), label:has(input[type=radio])") && style.display !== "inline"
        && !(node.matches("input") && style.opacity === "0") && Math.min(width, height) < least - 0.5)
      found.push(`too small to tap: ${named(node)} ${width}x${height}`);
    if (/hidden|clip/.test(style.overflowX) && style.display !== "inline" && node.scrollWidth > node.clientWidth + 1 && node.clientWidth && !node.matches("body, html, textarea, input"))
      found.push(`words are cut off: ${named(node)}`);
    if (style.position !== "absolute" && width && (right > room + 0.5 || left < -0.5)) found.push(`beyond the edge: ${named(node)}`);
  }
  for (const motion of document.getAnimations()) found.push("moves although asked not to: " + named(motion.effect.target));
  const { violations } = await axe.run(options);
  return [...found, ...violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target} ${any[0]?.message ?? ""}`))];
}"""

# Where the system paints all surfaces alike, an edge or an underline tells what is to be pressed.
UNEDGED = """() => [...document.querySelectorAll("button, a, select, textarea, input:not([hidden])")]
  .filter((node) => node.checkVisibility() && !node.closest(".unseen") && getComputedStyle(node).opacity !== "0")
  .filter((node) => {
    const { borderTopStyle, borderTopWidth, borderTopColor, backgroundColor, textDecorationLine } = getComputedStyle(node);
    const edge = borderTopStyle !== "none" && parseFloat(borderTopWidth) > 0 && borderTopColor !== backgroundColor;
    return !edge && !textDecorationLine.includes("underline");
  })
  .map((node) => `no edge in forced colours: ${node.className} ${node.innerText || node.ariaLabel}`)"""


@dataclass(frozen=True, slots=True)
class Look:
    """One way in which a customer sees a page."""

    viewport: Any
    scheme: Any
    is_large: bool

    def __str__(self) -> str:
        letters = "large" if self.is_large else "usual"
        return f"{self.viewport['width']}x{self.viewport['height']} {self.scheme} {letters}"


LOOKS = [
    Look(screen["viewport"], scheme, is_large)
    for screen, scheme, is_large in product((SMALL_PHONE, PHONE, DESK), ("light", "dark"), (False, True))
]


async def barriers(page: Page, looks: list[Look] = LOOKS) -> list[str]:
    """Whatever keeps somebody from reading and using *page* in the state that it is in, and in which of the twelve looks.

    What axe finds, sideways scrolling, words cut off, targets too small to tap, motion that was not wanted, and buttons without
    an edge where the system paints everything in its own colours. The page looks as before afterwards.
    """
    before, was_large = page.viewport_size, await page.evaluate("document.documentElement.classList.contains('large-text')")
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    found: list[str] = []
    for look in looks:
        await page.set_viewport_size(look.viewport)
        await page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
        seen = await page.evaluate(SEE, {"options": WCAG, "large": look.is_large, "least": LEAST_PX})
        found += [f"{look}: {item}" for item in seen]
    await page.emulate_media(forced_colors="active")
    found += await page.evaluate(UNEDGED)
    await page.emulate_media(color_scheme="null", reduced_motion="null", forced_colors="null")
    await page.set_viewport_size(before)
    await page.evaluate("(large) => document.documentElement.classList.toggle('large-text', large)", was_large)
    return found
