"""The summary as a self-contained page: the shares are drawn with their intervals."""

from __future__ import annotations

from html import escape

from looplint.corpus.summary import RuleCount, Summary
from looplint.corpus.summary_markdown import EXPLAINED, counted, facts, percent

_STYLE = """\
:root { color-scheme: light dark; --line: #8884; --mark: #c2410c; --quiet: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
td, th { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid var(--line); border-radius: .4rem; line-height: 1.35; }
pre .mark { color: var(--mark); font-weight: 600; } .quiet { color: var(--quiet); }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
svg .share { fill: var(--mark); }
svg .interval { stroke: currentColor; stroke-width: 1.5; } svg .grid { stroke: var(--line); }
"""
_LABELS, _WIDTH, _ROW = 310, 900, 22


def html(summary: Summary) -> str:
    """The page."""
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        "<title>Training loops in many repositories</title>",
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        "<h1>Training loops in many repositories</h1><ul>",
        *(f"<li>{escape(text)}</li>" for text in facts(summary)),
        "</ul><h2>Findings by rule</h2>",
    ]
    if summary.rules:
        parts += [f"<p>{EXPLAINED}</p>", _chart(summary.rules), _table(summary)]
    else:
        parts.append("<p>Nothing was found.</p>")
    if summary.shapes:
        parts.append("<h2>The most frequent shapes</h2>")
    for number, shape in enumerate(summary.shapes, 1):
        parts += [
            f"<h3>{number}. {escape(shape.code)} {escape(shape.name)}: {counted(shape.findings, 'finding')} in "
            f"{counted(shape.repositories, 'repository')}</h3>",
            f'<p>{escape(shape.text)}</p><p class="quiet">{escape(shape.example)}</p>',
            f"<pre>{_picture(shape.picture)}</pre>",
        ]
    if summary.stopped:
        parts.append("<h2>Not read to their end</h2><table><tr><th>repository</th><th>state</th><th>why</th></tr>")
        parts += [
            f"<tr><td>{escape(name)}</td><td>{escape(state)}</td><td>{escape(why)}</td></tr>"
            for name, state, why in summary.stopped
        ]
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>", ""])


def _chart(rules: list[RuleCount]) -> str:
    """A bar for each rule: the share of repositories, with its interval."""
    top = max(0.01, *(rule.repositories.interval[1] for rule in rules))
    scale = (_WIDTH - _LABELS - 60) / top
    height = _ROW * len(rules) + 30
    drawn = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Share of repositories by rule">']
    for step in range(5):
        x = _LABELS + scale * top * step / 4
        drawn.append(f'<line class="grid" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height - 20}"/>')
        drawn.append(f'<text x="{x:.1f}" y="{height - 5}" text-anchor="middle">{100 * top * step / 4:.1f} %</text>')
    for number, rule in enumerate(rules):
        y = number * _ROW + 4
        low, high = (_LABELS + scale * end for end in rule.repositories.interval)
        middle = y + (_ROW - 8) / 2
        words = f"{escape(rule.code)} {escape(rule.name)}"
        long, thick = scale * rule.repositories.value, _ROW - 8
        drawn += [
            f'<text x="{_LABELS - 8}" y="{middle + 4:.1f}" text-anchor="end">{words}</text>',
            f'<rect class="share" x="{_LABELS}" y="{y}" width="{long:.1f}" height="{thick}"/>',
            f'<line class="interval" x1="{low:.1f}" y1="{middle:.1f}" x2="{high:.1f}" y2="{middle:.1f}"/>',
        ]
    return "\n".join([*drawn, "</svg>"])


def _table(summary: Summary) -> str:
    head = ("", "rule", "findings", "for 1,000 loops", "repositories", "share", "files", "share")
    rows = ["<table><tr>", *(f"<th>{text}</th>" for text in head), "</tr>"]
    for rule in summary.rules:
        cells = (
            f"{rule.findings:,}",
            f"{rule.findings * 1000 / summary.loops if summary.loops else 0:.1f}",
            f"{rule.repositories.part:,}",
            percent(rule.repositories),
            f"{rule.files.part:,}",
            percent(rule.files),
        )
        name = rule.name + (" (preview)" if rule.preview else "")
        rows.append(
            f"<tr><td>{escape(rule.code)}</td><td>{escape(name)}</td>"
            + "".join(f'<td class="number">{cell}</td>' for cell in cells)
            + "</tr>"
        )
    return "".join([*rows, "</table>"])


def _picture(text: str) -> str:
    """Rows with marks below the code are highlighted."""
    rows = []
    for row in text.split("\n"):
        marked = "|" in row and row.partition("|")[2].lstrip().startswith("^")
        rows.append(f'<span class="mark">{escape(row)}</span>' if marked else escape(row))
    return "\n".join(rows)
