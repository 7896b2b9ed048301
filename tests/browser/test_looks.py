"""What looks a page up and down finds every flaw that it is there for, in the looks that have it, and none in a sound page."""

import pytest
from browser.looks import LOOKS, barriers

PAGE = """<!doctype html><html lang="zh-CN"><meta name="viewport" content="width=device-width"><title>样张</title><style>
:root {{ color-scheme: light dark }}
body {{ margin: 0 }}
@media (prefers-color-scheme: dark) {{ body {{ background: #000; color: #fff }} }}
.large-text {{ font-size: 30px }}
button {{ font: inherit; min-height: 44px; min-width: 44px }}
{style}</style><main><h1>样张</h1><p class="one">一句话</p><button>按钮</button></main></html>"""

AS_SEEN = """[innerWidth, innerHeight, document.documentElement.className,
  ...["prefers-color-scheme: dark", "prefers-reduced-motion: reduce", "forced-colors: active"].map((one) => matchMedia(`(${one})`).matches)]"""


@pytest.mark.parametrize(
    ("style", "finding", "times"),
    [
        (".one { width: 500px }", "the page scrolls sideways", 8),
        (".one { width: 2em; overflow: hidden; white-space: nowrap }", "words are cut off: p.one", 12),
        (".one { position: relative; left: -9px }", "beyond the edge: p.one", 12),
        ("button { min-height: 40px; padding: 0; line-height: 1; border: 0 }", "too small to tap: button", 12),
        (".one { color: #999 }", "color-contrast: p", 6),
        ("@keyframes go { to { opacity: .9 } } .one { animation: go 100s infinite }", "moves although asked not to: p.one", 12),
        ("button { border: 0; background: #fff; color: #000 }", "no edge in forced colours", 1),
        (".large-text .one { width: 500px }", "the page scrolls sideways", 4),
    ],
)
async def test_every_flaw_is_found_in_the_looks_that_have_it(phone, style, finding, times):
    page = await phone.page("about:blank")
    await page.set_content(PAGE.format(style=style))
    found = await barriers(page)
    assert len([item for item in found if finding in item]) == times, found


async def test_a_sound_page_has_none_and_looks_as_before_afterwards(phone):
    page = await phone.page("about:blank")
    await page.set_content(PAGE.format(style=""))
    before = await page.evaluate(AS_SEEN)
    assert await barriers(page) == []
    assert await page.evaluate(AS_SEEN) == before
    assert len({str(look) for look in LOOKS}) == len(LOOKS) == 12
