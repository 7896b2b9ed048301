"""A conversation as one HTML page that needs nothing else: pictures stand in it, no script runs."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from handoff.transcript import Line, Transcript

SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
# It is opened from disks as well, years later, where no header comes with it.
POLICY = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
STYLE = """
body{font:15px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#1c2330;max-width:820px}
body{margin:2em auto;padding:0 1em}
h1{font-size:22px;margin-bottom:.2em}
h2{font-size:16px;margin:1.6em 0 .4em;border-bottom:1px solid #d9dee7}
p.soft,time{color:#5b6678}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1em;margin:0}
dt{color:#5b6678}
dd{margin:0}
article{margin:.8em 0;padding:.6em .8em;border-left:3px solid #d9dee7;break-inside:avoid}
article.customer{border-color:#2f6fed}
article.agent{border-color:#16845b}
article.desk{border-style:dashed;background:#fff8e1}
article header{font-weight:600}
article p{margin:.2em 0;white-space:pre-wrap;overflow-wrap:anywhere}
img{max-width:100%;max-height:420px}
"""


def page(transcript: Transcript, files: Mapping[str, bytes]) -> str:
    """The page. *files* holds the content of attachments by blob id, as far as it is at hand."""
    parts = [f"<h1>{escape(transcript.title)}</h1>", f'<p class="soft">{escape(transcript.about)}</p>']
    for heading, pairs in transcript.sections:
        parts.append(f"<h2>{escape(heading)}</h2>{_pairs(pairs)}")
    parts.append(f"<h2>{escape(transcript.messages_heading)}</h2>")
    parts += [_line(line, files) for line in transcript.lines]
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">{POLICY}'
        f"<title>{escape(transcript.title)}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in pairs)
    return f"<dl>{rows}</dl>"


def _line(line: Line, files: Mapping[str, bytes]) -> str:
    shown = "".join(_file(item, line.file_texts[n], files) for n, item in enumerate(line.attachments))
    return (
        f'<article class="{line.speaker}{" desk" if line.internal else ""}"><header>{escape(line.who)} '
        f"<time>{escape(line.at)}</time></header><p>{escape(line.text)}</p>{shown}</article>"
    )


def _file(item: Mapping[str, Any], text: str, files: Mapping[str, bytes]) -> str:
    data = files.get(item["blob_id"])
    if data is not None and item["media_type"] in SHOWN:
        source = f"data:{item['media_type']};base64,{base64.b64encode(data).decode()}"
        return f'<p><img src="{source}" alt="{escape(text, quote=True)}"></p>'
    return f'<p class="soft">{escape(text)}</p>'
