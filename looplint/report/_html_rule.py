"""The page of a rule as HTML: its docstring, the measured effect, and the plot."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import escape

from looplint.report._context import Context
from looplint.report._html_code import prose
from looplint.rule import Rule


def rule_page(rule: Rule, context: Context) -> str:
    """The page as an element that opens over the report; in print it comes at the end."""
    name = rule_id(rule.name)
    summary, *rest = _blocks(rule.doc)
    parts = [
        f'<article class="rule" popover id="{name}" data-rule="{escape(rule.code)}">',
        f'<button class="close" popovertarget="{name}" popovertargetaction="hide" aria-label="close">&times;</button>',
        f"<h2>{escape(rule.code)} {escape(rule.name)}</h2>",
        summary,
    ]
    if svg := context.picture(rule.name):
        data = base64.b64encode(_smaller(svg).encode()).decode()
        parts.append(f'<img alt="measurement, batch by batch" src="data:image/svg+xml;base64,{data}">')
    if effect := context.measured(rule.name):
        parts.append(f"<p>Measured in looplint's own sample: {prose(effect)}.</p>")
    parts += rest
    if rule.url:
        parts.append(f'<p><a href="{escape(rule.url)}" rel="noreferrer">This page on the web</a></p>')
    return "\n".join([*parts, "</article>"])


def rule_id(name: str) -> str:
    """The element id of a rule's page in the report."""
    return f"rule-{escape(name)}"


_BLOCK = re.compile(
    r"^```\w*\n(?P<code>[\s\S]*?)^```$|^(?P<head>.+)\n-{3,}$|^(?P<list>- .+(?:\n.+)*)|^(?P<text>.+(?:\n(?!```).+)*)",
    re.MULTILINE,
)


def _blocks(text: str) -> Iterator[str]:
    """The block elements of a rule's page: paragraphs, headings, lists, code."""
    for block in _BLOCK.finditer(text):
        match block.lastgroup:
            case "code":
                yield f"<pre><code>{escape(block['code'].rstrip())}</code></pre>"
            case "head":
                yield f"<h3>{prose(block['head'])}</h3>"
            case "list":
                items = re.split(r"^- ", block["list"], flags=re.MULTILINE)[1:]
                yield f"<ul>{''.join(f'<li>{_linked(item)}</li>' for item in items)}</ul>"
            case _:
                yield f"<p>{_linked(block['text'])}</p>"


def _linked(text: str) -> str:
    """A paragraph with its plain URLs as links."""
    words = re.split(r"(https?://[^\s<>`]*[^\s<>`.,;:)])", " ".join(text.split()))
    return "".join(
        f'<a href="{escape(word)}" rel="noreferrer">{escape(word)}</a>' if place % 2 else prose(word)
        for place, word in enumerate(words)
    )


def _smaller(svg: str) -> str:
    """The plot without metadata that browsers ignore."""
    return re.sub(r"\s*<metadata>.*?</metadata>|^\s*<\?xml.*?\?>|<!DOCTYPE[^>]*>", "", svg, flags=re.DOTALL).strip()
