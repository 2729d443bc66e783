"""The html report: what it holds, and what a browser makes of it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import FINDINGS, FORWARD, MISSING, TEXTS, TRAIN, Change, Texts, context, report, step

from looplint.cli.commands import main
from looplint.finding import Finding, Location
from looplint.findings.measured import measured, picture
from looplint.project.catalog import find

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>&amp;"
VOID = {"meta", "link", "input", "img"}


class Elements(HTMLParser):
    """The elements of a page in order, each with its attributes and the text inside, and what is nested wrongly."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[int] = []
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{self.found[place][0]}> is never closed" for place in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(len(self.found) - 1)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.found[self.open.pop()][0] != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        for place in self.open:
            self.found[place][2].append(data)

    def of(self, tag: str, kind: str = "") -> list[str]:
        """The text of each element of this tag and class."""
        wanted = set(kind.split())
        return [
            "".join(t) for name, a, t in self.found if name == tag and wanted <= set((a.get("class") or "").split())
        ]


def test_code_path_fix_and_page_are_there() -> None:
    page = Elements(report("html", where=context(measured=measured, picture=picture)))
    assert page.wrong == []
    assert page.of("title") == ["looplint: 3 findings"]
    first, second, third = page.of("article", "finding")
    assert "optimizer steps again before its gradients are cleared" in first and "train.py:11:9" in first
    assert page.of("mark", "main") == ["loss.backward()", "model.forward(inputs)", "total"]
    notes = [text for kind in ("step", "step main") for text in page.of("div", kind)]
    assert {"1the step uses them", "3the next step uses both", "2it grows"} <= set(notes)
    assert page.of("div", "add") == ["    optimizer.zero_grad()", "é = print(model(inputs))"]
    assert page.of("div", "del") == ["é = print(model.forward(inputs))"]
    assert "gradient norms" in first and "src/eval café.py:1:11" in second and "book.ipynb:cell" in third
    titles = [text.split("\n")[2] for text in page.of("article", "rule")]
    assert titles == ["LOOP201 missing-zero-grad", "LOOP301 direct-forward-call", "LOOP701 loss-accumulated-with-graph"]
    assert sum(tag == "img" for tag, _, _ in page.found) == 3


def test_comments_texts_and_keywords_are_coloured() -> None:
    text = "# a\nfor x in 'b # c':\n    pass\n"
    found = dataclasses.replace(MISSING, trace=(), location=Location(2, 5), end_location=Location(2, 6))
    page = Elements(report("html", [found], context({("train.py", None): text})))
    assert [page.of("span", kind) for kind in "csk"] == [["# a"], ["'b # c'"], ["for", "in", "pass"]]


def test_the_page_of_a_rule_is_its_text_with_links() -> None:
    rule = find(MISSING.code)
    assert rule is not None
    page = Elements(report("html", [MISSING], context(rules=(rule,))))
    (shown,) = page.of("article", "rule")
    assert " ".join(rule.section("Why is this bad?").split()).replace("`", "") in " ".join(shown.split())
    references = re.findall(r"https://\S+", rule.section("References"))
    assert references
    assert references == [
        attrs["href"] for tag, attrs, _ in page.found if tag == "a" and attrs.get("href") in references
    ]


def test_each_step_is_joined_to_the_next_by_one_arrow() -> None:
    """Out of its note, through every row between, and into the next note: two legs and a piece for each row."""
    page = Elements(report("html", [MISSING], context()))
    legs = [attrs for tag, attrs, _ in page.found if tag == "i" and attrs["class"] != "lane"]
    assert sorted(str(attrs["class"]) for attrs in legs) == ["down", "down into", "up", "up into"]
    lanes = {re.search(r"--l:(\d)", str(attrs["style"]))[1] for attrs in legs}  # type: ignore[index]
    assert lanes == {"0", "1"}
    alone = Elements(report("html", [dataclasses.replace(MISSING, trace=MISSING.trace[:1])], context()))
    assert [tag for tag, _, _ in alone.found if tag == "i"] == [] and alone.of("div", "step") == ["the step uses them"]


def test_no_blank_row_begins_or_ends_a_piece_of_code() -> None:
    alone = dataclasses.replace(MISSING, trace=MISSING.trace[:1])
    text = "\n\n\n".join([*TRAIN.split("\n")[8:12], "", "more()", ""]) + "\n"
    marked = dataclasses.replace(alone, trace=(), location=Location(4, 9), end_location=Location(4, 20))
    page = Elements(report("html", [marked], context({("train.py", None): text})))
    rows = [attrs["data-n"] for tag, attrs, _ in page.found if tag == "div" and "data-n" in attrs]
    assert rows == ["1", "2", "3", "4"]


def test_a_place_that_cannot_be_shown_is_named() -> None:
    gone = dataclasses.replace(MISSING, trace=(*MISSING.trace, step(99, 1, 2, "and there", "train.py")))
    page = Elements(report("html", [gone, dataclasses.replace(FORWARD, filename="no such.py")], context()))
    assert page.wrong == []
    assert {"train.py:99:1", "no such.py:1:11"} <= set(page.of("div", "file"))


def test_a_page_without_findings_says_so() -> None:
    page = Elements(report("html", [], context()))
    assert page.wrong == [] and page.of("article") == []
    assert "Nothing found." in page.of("main")[0]


def test_a_fix_in_several_places_and_behind_the_last_row_is_shown() -> None:
    edits = [
        Change(Location(1, 1), Location(1, 1), "import math\n"),
        Change(Location(13, 1), Location(13, 1), "print(1)\n"),
    ]
    page = Elements(report("html", [MISSING], context(edits=lambda finding: edits)))
    assert page.of("div", "add") == ["import math", "print(1)"]
    assert len(page.of("div", "gap")) == 1


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
def test_whatever_the_code_holds_stays_text(message: str, filename: str, code: str) -> None:
    filename = filename or "x"
    place = {"filename": filename, "location": Location(1, 1), "end_location": Location(1, 2)}
    found = dataclasses.replace(MISSING, message=message, trace=(), **place)  # type: ignore[arg-type]
    page = Elements(report("html", [found], context({(filename, None): code})))
    plain = Elements(report("html", [dataclasses.replace(found, message="m")], context({(filename, None): "c"})))
    assert page.wrong == []
    known = {"code", "mark", "span", "div"}
    assert [tag for tag, _, _ in page.found if tag not in known] == [t for t, _, _ in plain.found if t not in known]
    assert {name for _, attrs, _ in page.found for name in attrs} <= {n for _, attrs, _ in plain.found for n in attrs}


def test_the_policy_of_the_page_allows_its_own_script_only() -> None:
    text = report("html", [dataclasses.replace(MISSING, message=HOSTILE)])
    assert text.isascii() and HOSTILE not in text
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert f"script-src 'sha256-{allowed}'" in policy and policy.startswith("default-src 'none'")


# In a browser

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright, which drives the browser, is not installed"
    )
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield running
        running.close()


@dataclasses.dataclass
class Opened:
    """A page, and what it said or asked for that it should not."""

    page: Page
    complaints: list[str]

    def seen(self) -> list[str]:
        """The codes of the findings that are shown."""
        script = "[...document.querySelectorAll('.finding')].filter(f => f.checkVisibility()).map(f => f.dataset.rule)"
        codes: list[str] = self.page.evaluate(script)
        return codes


def opened(browser: Browser, file: Path, **options: Any) -> Opened:
    page = browser.new_page(**options)
    page.set_default_timeout(300_000)  # A machine may be busy: what is tested is whether, not when.
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    page.on("request", lambda asked: complaints.append(asked.url) if asked.url.split(":")[0] != "data" else None)
    page.goto(file.as_uri())
    assert complaints.pop(0) == file.as_uri()
    return Opened(page, complaints)


HELPERS = """\
import torch.nn.functional as F


def one_batch(model, inputs, targets):
    loss = F.cross_entropy(F.softmax(model(inputs), dim=1), targets)
    loss.backward()  # <script>alert("comment")</script>
    return loss
"""
PROGRAM = """\
import torch
from helpers import one_batch


def fit(model: torch.nn.Module, loader, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        total = 0
        for inputs, targets in loader:
            loss = one_batch(model, inputs, targets)
            optimizer.step()
            total += loss
        print("</script><img src=x onerror=alert('text')>", total)
"""


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real report, of a program whose files and texts would like to be HTML."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "helpers.py").write_text(HELPERS, encoding="utf-8")
    (folder / "a&lt;b><i onclick=alert(3)>.py").write_text(PROGRAM, encoding="utf-8")
    file = folder / "out" / "report.html"
    status = main(
        ["--isolated", "--no-cache", "-q", "--output-format", "html", "--output-file", str(file), str(folder)]
    )
    assert status == 1
    return file


ALL = ["LOOP701", "LOOP401", "LOOP201"]


def test_a_browser_has_nothing_to_complain_about(browser: Browser, linted: Path) -> None:
    report = opened(browser, linted)
    assert sorted(report.seen()) == sorted(ALL)
    page = report.page
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 3
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 100)")
    assert "<img src=x onerror=alert('text')>" in page.locator("main").inner_text()
    assert page.locator("main :is(i[onclick], img, script)").count() == 0
    page.locator("summary").first.click()
    assert report.complaints == []


def test_filters_search_and_keys(browser: Browser, linted: Path) -> None:
    report = opened(browser, linted)
    page = report.page
    page.get_by_label("LOOP401").check()
    assert report.seen() == ["LOOP401"]
    assert page.locator("#shown").inner_text() == "1 of 3 findings"
    page.get_by_label("LOOP701").check()
    assert sorted(report.seen()) == ["LOOP401", "LOOP701"]
    page.get_by_label("error", exact=False).first.check()
    assert report.seen() == ["LOOP401"]
    page.get_by_role("button", name="Clear the filters").click()
    assert sorted(report.seen()) == sorted(ALL)
    page.locator("input[name=file]").last.check()
    assert sorted(report.seen()) == ["LOOP201", "LOOP401"]
    page.keyboard.press("x")
    page.keyboard.press("/")
    page.keyboard.type("AUTOGRAPH graph loss")
    assert report.seen() == [] and page.locator("#none").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("/")
    page.keyboard.type("Autograd graph")
    assert report.seen() == ["LOOP701"]
    page.keyboard.press("Enter")
    page.keyboard.press("x")
    focused = "document.activeElement.dataset.rule"
    order = report.seen()
    for key, expected in (("j", order[0]), ("j", order[1]), ("j", order[2]), ("j", order[2]), ("k", order[1])):
        page.keyboard.press(key)
        assert page.evaluate(focused) == expected
    page.keyboard.press("Enter")
    assert page.locator(".rule:popover-open").inner_text().strip().endswith("This page on the web")
    page.keyboard.press("Escape")
    assert page.locator(".rule:popover-open").count() == 0
    page.keyboard.press("?")
    assert page.locator("#keys:popover-open").count() == 1
    assert report.complaints == []


def test_names_of_files_that_begin_with_a_slash_stand_in_their_order(browser: Browser, linted: Path) -> None:
    """The names are cut at their beginning, which is done by letting them run from right to left."""
    report = opened(browser, linted)
    script = """() => [...document.querySelectorAll('input[name=file] + span')].map(name => {
        const text = document.createTreeWalker(name, NodeFilter.SHOW_TEXT).nextNode();
        const range = document.createRange();
        const left = at => {
            range.setStart(text, at), range.setEnd(text, at + 1);
            return range.getBoundingClientRect().x;
        };
        return [text.data[0], left(0) < left(1) && left(1) < left(text.data.length - 1)];
    })"""
    assert report.page.evaluate(script) == [["/", True], ["/", True]]


def test_every_arrow_leads_without_a_gap_from_one_number_to_the_next(browser: Browser, linted: Path) -> None:
    """At every width: the pieces in a lane meet, and the legs end at the numbers of the steps."""
    for width in (1200, 420):
        report = opened(browser, linted, viewport={"width": width, "height": 800})
        drawn = report.page.evaluate(ARROWS)
        assert len(drawn) == 3 and [len(arrows) for arrows in drawn].count(2) == 1
        assert [problem for arrows in drawn for arrow in arrows for problem in arrow["problems"]] == []
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert report.page.evaluate(overflow) == 0


ARROWS = """
() => [...document.querySelectorAll('.finding')].map(finding => {
  finding.style.contentVisibility = 'visible';
  const box = element => element.getBoundingClientRect();
  const lane = element => element.style.getPropertyValue('--l');
  const numbers = [...finding.querySelectorAll('.step > b')].sort((a, b) => a.textContent - b.textContent);
  return numbers.slice(1).map((number, place) => {
    const from = numbers[place], problems = [];
    const into = number.parentElement.querySelector('.into');
    const out = [...from.parentElement.querySelectorAll('.leg i:not(.into)')].find(leg => lane(leg) === lane(into));
    if (!out) return {problems: [`no leg out of ${from.textContent}`]};
    for (const [leg, at] of [[into, number], [out, from]])
      if (Math.abs(box(leg).right - box(at).left) > 6) problems.push(`a leg ends ${box(leg).right} at ${box(at).left}`);
    const [low, high] = [Math.min(box(out).top, box(into).top), Math.max(box(out).bottom, box(into).bottom)];
    const pieces = [...finding.querySelectorAll('.lane')].filter(piece => lane(piece) === lane(into)
      && box(piece).top >= low - 1 && box(piece).bottom <= high + 1);
    const way = [out, ...pieces, into].sort((a, b) => box(a).top - box(b).top);
    way.slice(1).forEach((piece, i) => {
      if (Math.abs(box(piece).left - box(way[i]).left) > 1) problems.push('a lane is bent');
      if (box(piece).top - box(way[i]).bottom > 1) problems.push(`a gap of ${box(piece).top - box(way[i]).bottom}`);
    });
    return {problems};
  });
})
"""


def test_light_dark_and_print(browser: Browser, linted: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = (opened(browser, linted, color_scheme=scheme) for scheme in ("light", "dark"))
    assert light.page.evaluate(ground) != dark.page.evaluate(ground)
    shown = light.page.evaluate(ground)
    light.page.keyboard.press("t")
    light.page.keyboard.press("t")
    assert light.page.evaluate(ground) == dark.page.evaluate(ground) != shown
    page = light.page
    page.keyboard.press("t")
    page.get_by_label("LOOP401").check()
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert [rule.get_attribute("data-rule") for rule in page.locator(".rule").all() if rule.is_visible()] == ["LOOP401"]
    assert light.complaints == dark.complaints == []


def test_without_scripts_everything_can_be_read(browser: Browser, linted: Path) -> None:
    page = opened(browser, linted, java_script_enabled=False).page
    assert [finding.is_visible() for finding in page.locator(".finding").all()] == [True] * 3
    assert not page.locator("nav").is_visible() and not page.locator(".tools").is_visible()
    page.locator(".finding .page").first.click()
    assert page.locator(".rule:visible").count() == 1


def test_five_hundred_findings(browser: Browser, tmp_path: Path) -> None:
    texts: Texts = {(f"src/part{number}.py", None): TRAIN * 25 for number in range(20)}
    many = [moved(FINDINGS[number % 2], f"src/part{number % 20}.py", 12 * (number // 20)) for number in range(500)]
    file = tmp_path / "many.html"
    file.write_text(report("html", many, context({**TEXTS, **texts})), encoding="ascii")
    shown = opened(browser, file)
    assert len(shown.seen()) == 500
    shown.page.locator("input[value=LOOP301]").check()
    assert len(shown.seen()) == 250
    shown.page.locator("input[type=search]").fill("part7.py:")
    assert len(shown.seen()) == 25
    shown.page.keyboard.press("Escape")
    shown.page.keyboard.press("x")
    assert len(shown.seen()) == 500
    assert shown.complaints == []


def moved(finding: Finding, filename: str, rows: int) -> Finding:
    """The finding of the sample, further down in another file."""

    def down(place: Location) -> Location:
        return Location(place.row + rows, place.column)

    trace = tuple(
        dataclasses.replace(s, filename=filename, location=down(s.location), end_location=down(s.end_location))
        for s in MISSING.trace
    )
    place = {"location": down(MISSING.location), "end_location": down(MISSING.end_location)}
    return dataclasses.replace(finding, filename=filename, trace=trace, **place)  # type: ignore[arg-type]
