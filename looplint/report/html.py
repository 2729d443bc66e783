"""One interactive page: the code with the path drawn over it, the fix as a diff, the pages of the rules, and filters.

The page is one self-contained file: styles, script and pictures are inlined, and its content security policy
(https://www.w3.org/TR/CSP3/) allows no request and no other script. It is readable without scripts, too.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TextIO

from looplint.finding import Finding, Severity
from looplint.report._advice import advice
from looplint.report._context import Context
from looplint.report._fingerprint import fingerprints
from looplint.report._html_code import Drawing, prose
from looplint.report._html_diff import diff
from looplint.report._html_rule import rule_id, rule_page
from looplint.report._position import position
from looplint.sources.printable import printable


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """An HTML document, written as ASCII with character references, so that it is correct in any encoding of the
    stream."""
    for part in _document(findings, context):
        stream.write(part.encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n")


def _document(findings: Sequence[Finding], context: Context) -> Iterator[str]:
    style, script = _asset("css"), _asset("js")
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    count = f"{len(findings):,} {'finding' if len(findings) == 1 else 'findings'}"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>looplint: {count}</title>\n<style>\n{style}</style>\n"
        "<noscript><style>nav, .tools { display: none }</style></noscript>\n</head>\n<body>"
    )
    yield f"<header><h1>looplint <small>{escape(context.version)}</small></h1>{_TOOLS}</header>"
    yield from _filters(findings, context)
    yield f'<main>\n<p id="shown" role="status">{count}</p>'
    drawing = Drawing(context)
    for finding, fingerprint in zip(findings, fingerprints(findings, context), strict=True):
        yield _finding(finding, fingerprint, drawing, context)
    if not findings:
        yield "<p>Nothing found.</p>"
    yield '<p id="none" hidden>No finding fits the filters. <button data-do="clear">Clear them</button></p>'
    yield "</main>\n<section>"
    found = {finding.name for finding in findings}
    yield from (rule_page(rule, context) for rule in context.rules if rule.name in found)
    yield f"</section>\n{_KEYS}\n<script>{script}</script>\n</body>\n</html>"


_TOOLS = (
    '<span class="tools"><button data-do="theme" title="light, dark, or as the system has it (t)">Light / dark</button>'
    '<button popovertarget="keys" title="keys (?)">Keys</button></span>'
)
_KEYS = """\
<div popover id="keys"><h2>Keys</h2><dl>
<dt>j &nbsp; k</dt><dd>next, previous finding</dd><dt>Enter</dt><dd>the page of its rule</dd>
<dt>/</dt><dd>search</dd><dt>x</dt><dd>clear the filters</dd><dt>t</dt><dd>light, dark, as the system</dd>
<dt>Esc</dt><dd>close what is open</dd><dt>?</dt><dd>these keys</dd>
</dl></div>"""


def _asset(kind: str) -> str:
    return Path(__file__).with_name(f"_html.{kind}").read_text(encoding="ascii")


def _filters(findings: Sequence[Finding], context: Context) -> Iterator[str]:
    """The search box, and for each of severity, rule and file the values to choose from with their counts."""
    order = list(Severity)
    severities = Counter(str(finding.severity) for finding in findings)
    names = {finding.code: f"{finding.code} {finding.name}" for finding in findings}
    rules = Counter(finding.code for finding in findings)
    files = Counter(finding.filename for finding in findings)
    yield '<nav aria-label="filters"><input type="search" placeholder="Search (/)" aria-label="search">'
    yield _choice("severity", [(name, name, severities[name]) for name in map(str, order) if severities[name]])
    yield _choice("rule", [(code, names[code], count) for code, count in rules.most_common()])
    yield _choice("file", [(printable(name), printable(name), files[name]) for name in sorted(files)])
    yield '<button data-do="clear" disabled>Clear the filters</button></nav>'


def _choice(kind: str, options: Sequence[tuple[str, str, int]]) -> str:
    rows = "".join(
        f'<label title="{escape(shown)}"><input type="checkbox" name="{kind}" value="{escape(value)}">'
        f"<span><bdi>{escape(shown)}</bdi></span> <b>{count}</b></label>"
        for value, shown, count in options
    )
    return f'<fieldset><legend>{kind.capitalize()}</legend><div class="options">{rows}</div></fieldset>'


def _finding(finding: Finding, fingerprint: str, drawing: Drawing, context: Context) -> str:
    name, code, file = (escape(printable(text)) for text in (finding.name, finding.code, finding.filename))
    level = escape(str(finding.severity))
    page = any(rule.name == finding.name for rule in context.rules)
    title = f"<b>{code}</b> {name}"
    if page:
        title = (
            f'<button class="page" popovertarget="{rule_id(finding.name)}" title="page of this rule">{title}</button>'
        )
    remarks = "".join(f"<p><b>help</b> {prose(line)}</p>" for line in advice(finding))
    if effect := context.measured(finding.name):
        remarks += f"<p><b>in looplint's sample</b> {prose(effect)}</p>"
    change = diff(finding, context)
    if finding.fix and change:
        kind = finding.fix.applicability
        remarks += f"<details open><summary>{kind} fix</summary>{change}</details>"
    return (
        f'<article class="finding {level}" id="f-{fingerprint[:16]}" tabindex="-1" data-severity="{level}" '
        f'data-rule="{code}" data-file="{file}">'
        f'<h2><span class="level">{level}</span> {title}</h2><p class="message">{prose(finding.message)}</p>'
        f'<p class="place">{file}:{escape(position(finding))}</p>'
        f'{drawing.html(finding)}<div class="remarks">{remarks}</div></article>'
    )
