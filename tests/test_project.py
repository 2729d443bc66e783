"""The project holds together: rules, fixtures, proofs, pages, README and CHANGELOG say the same."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import readme_parts
from example_program import code, program
from markdown_it import MarkdownIt
from readme_parts import PICTURE, README, ROOT, SHOWN, part

from looplint import check_source
from looplint.pages.rule_markdown import INDEX, pages, standing, write_pages
from looplint.project.catalog import rules
from looplint.project.config import settings
from looplint.project.selection import selectable
from looplint.rule import HOME, SECTIONS, Rule
from looplint.version import VERSION

RULES = [pytest.param(rule, id=rule.name) for rule in rules()]
PAGES = ROOT / "reference" / "pages"
OPEN_TO_RULES = {
    "__future__",
    "collections.abc",
    "looplint.events",
    "looplint.events.queries.modes.after_validation",
    "looplint.events.queries.gradients.autograd",
    "looplint.events.queries.steps.averages",
    "looplint.events.queries.modes.evaluation",
    "looplint.events.queries.modes.freezing",
    "looplint.events.iterables",
    "looplint.events.queries.gradients.kept_graphs",
    "looplint.events.queries.ownership.kept_states",
    "looplint.events.queries.gradients.loss_terms",
    "looplint.events.queries.steps.micro_batches",
    "looplint.events.queries.modes.switches",
    "looplint.events.queries.loops.nearby",
    "looplint.events.queries.ownership.prepared",
    "looplint.events.queries.gradients.reach",
    "looplint.events.queries.gradients.recorded_evaluation",
    "looplint.events.queries.loops.repetition",
    "looplint.events.queries.ownership.replaced_parameters",
    "looplint.events.queries.steps.scaling",
    "looplint.events.queries.steps.schedules",
    "looplint.events.queries.modes.training_mode",
    "looplint.events.queries.steps.unstepped",
    "looplint.events.queries.ownership.untrained",
    "looplint.events.queries.steps.updates",
    "looplint.events.queries.ownership.wrappers",
    "looplint.rule",
    "re",
    "typing",
}
TOP_LEVEL = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "action.yml", "pyproject.toml"} | {
    "findings",
    "fixtures",
    "looplint",
    "reference",
    "rules",
    "tests",
}


def file_of(rule: Rule, folder: str = "rules") -> Path:
    return ROOT / folder / f"{rule.name.replace('-', '_')}.py"


# Rules


def test_codes_and_names_are_unique_and_belong_to_a_step() -> None:
    assert [word for word, times in Counter(w for r in rules() for w in (r.code, r.name)).items() if times > 1] == []
    assert [rule.code for rule in rules() if not re.fullmatch(r"LOOP[1-9]\d\d", rule.code)] == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_its_fixture_proof_and_a_complete_page(rule: Rule) -> None:
    missing = [folder for folder in ("fixtures", "reference/proofs") if not file_of(rule, folder).exists()]
    assert missing == [], f"{rule.name} lacks {file_of(rule).name} there"
    assert re.fullmatch(r"[A-Z`].*\.", rule.summary) and len(rule.summary) <= 100
    headings = re.findall(r"^(.+)\n-{3,}$", rule.doc, re.MULTILINE)
    assert headings == list(SECTIONS)
    assert [heading for heading in SECTIONS if not rule.section(heading)] == []
    assert "https://" in rule.section("References")


@pytest.mark.parametrize("rule", RULES)
def test_the_example_of_a_page_is_flagged_and_what_to_use_instead_is_not(rule: Rule) -> None:
    alone = settings(select=[rule.code], preview=True)
    wrong, right = (program(code(rule, heading)) for heading in ("Example", "Use instead"))
    assert [f.name for f in check_source(wrong, "example.py", alone)] != [], wrong
    assert [f.message for f in check_source(right, "instead.py", alone)] == [], right


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_knows_events_and_no_syntax(rule: Rule) -> None:
    nodes = list(ast.walk(ast.parse(file_of(rule).read_text(encoding="utf-8"))))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported <= OPEN_TO_RULES
    assert not any(isinstance(node, ast.ClassDef) for node in nodes)


def test_each_module_of_queries_is_listed_for_rule_authors() -> None:
    listed = (ROOT / "looplint" / "events" / "__init__.py").read_text(encoding="utf-8").split('"""')[1]
    modules = [name.rpartition(".")[2] for name in OPEN_TO_RULES if name.startswith("looplint.events.")]
    assert [name for name in modules if f"`{name}`" not in listed] == []


def test_the_engine_names_no_rule() -> None:
    """Prose may give examples; a text that is exactly a code or a name would be a decision about one rule."""
    words = {word for rule in rules() for word in (rule.code, rule.name)}
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for file in sorted((ROOT / "looplint").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in words
    ]
    assert found == []


# What is loaded


@pytest.mark.parametrize(("options", "unwanted"), [([], "torch rich"), (["--fix", "--unsafe-fixes"], "torch")])
def test_linting_loads_neither_torch_nor_what_only_others_need(
    options: list[str], unwanted: str, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(SHOWN, encoding="utf-8")
    script = (
        "import sys; from looplint.cli.commands import main; status = main(sys.argv[1:]); print(status, *sys.modules)"
    )
    command = [sys.executable, "-c", script, "--isolated", "--no-cache", "--quiet", "-j1", *options, "train.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    status, *loaded = done.stdout.splitlines()[-1].split()
    assert status == ("0" if options else "1"), done.stdout
    assert set(unwanted.split()) & set(loaded) == set()


def test_every_folder_of_code_is_in_the_installed_package() -> None:
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    folders = {".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "looplint").rglob("__init__.py")}
    assert folders - set(packaged) == set()


# What people see first


def test_the_top_level_holds_only_what_belongs_there() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    top = {Path(file).parts[0] for file in listed.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize("name", ["rules", "records", "accuracy"])
def test_the_tables_in_the_readme_are_up_to_date(name: str, update_goldens: bool) -> None:
    tables = {"rules": readme_parts.rule_table, "records": readme_parts.record_table, "accuracy": readme_parts.accuracy}
    made = tables[name]()
    assert part(name, made if update_goldens else None) == made, "run pytest with --update-goldens"


def test_the_pages_of_the_rules_are_up_to_date_and_every_url_leads_to_one(update_goldens: bool) -> None:
    every = selectable(rules())
    if update_goldens:
        write_pages(every, PAGES)
    made = pages(every, PAGES)
    by_hand = {"editors.md"}
    stale = [file for file in PAGES.iterdir() if file.name not in {*made, *by_hand}]
    for file in stale if update_goldens else ():
        file.unlink()
    kept = {file.name: file.read_text(encoding="utf-8") for file in PAGES.iterdir() if file.name not in by_hand}
    assert sorted(kept) == sorted(made), "run pytest with --update-goldens"
    assert kept == made, "run pytest with --update-goldens"
    assert {rule.url for rule in every} == {f"{HOME}/blob/main/{(PAGES / name).relative_to(ROOT)}" for name in made} - {
        f"{HOME}/blob/main/reference/pages/{INDEX}"
    }


def test_what_the_pages_point_to_is_there_and_they_hold_no_html() -> None:
    reader = MarkdownIt("commonmark").enable("table")
    for file in PAGES.iterdir():
        tokens = reader.parse(file.read_text(encoding="utf-8"))
        every = [token for outer in tokens for token in (outer, *(outer.children or ()))]
        assert {token.type for token in every} & {"html_block", "html_inline"} == set(), file.name
        links = [str(token.attrs.get("href") or token.attrs.get("src") or "") for token in every]
        assert [link for link in links if link and "://" not in link and not (PAGES / link).exists()] == [], file.name


def test_the_history_says_what_each_version_brought(update_goldens: bool) -> None:
    """A version has its snapshot in `reference/history.json` from the day it is named, and the changelog agrees."""
    file = ROOT / "reference" / "history.json"
    known: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    if update_goldens and VERSION not in known:
        known[VERSION] = {rule.name: standing(rule) for rule in selectable(rules())}
        file.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    assert list(known)[-1] == VERSION, "run pytest with --update-goldens"
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## \[([\d.]+)\](.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL))
    before: set[str] = set()
    for version, standings in known.items():
        named = set(re.findall(r"`([a-z-]+)`[\s(]+LOOP\d{3}\)|`([a-z-]+)`,\s+LOOP\d{3}", sections[version]))
        assert set(standings) - before == {"".join(names) for names in named} - before, version
        before |= set(standings)


def test_the_picture_in_the_readme_shows_what_is_printed(tmp_path: Path, update_goldens: bool) -> None:
    svg = readme_parts.picture(readme_parts.output(tmp_path))
    if update_goldens:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(svg, encoding="utf-8")
    said = readme_parts.words(PICTURE.read_text(encoding="utf-8"))
    assert said == readme_parts.words(svg), "run pytest with --update-goldens"
    assert "LOOP201" in said and "measured:" in said
    assert f"({PICTURE.relative_to(ROOT)})" in README.read_text(encoding="utf-8")


def test_the_first_command_fits_on_one_screen() -> None:
    """Of 80 columns and 30 rows; what is printed has no mistake but the two that the README's picture shows."""
    command = next(line for line in part("try").splitlines() if ".venv" in line)
    printed = readme_parts.looplint(*command.split("bin/looplint ")[1].split())
    assert sum(1 + len(line) // 80 for line in printed.splitlines()) < 30
    assert re.findall(r"^\S+: (LOOP\d+)", printed, re.M) == ["LOOP201", "LOOP701"]


def test_each_framework_that_the_readme_names_is_in_the_fixtures() -> None:
    names = re.findall(r"`(\w+)`", part("frameworks"))
    fixtures = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "fixtures").glob("*.py"))
    assert len(names) == 7
    assert [name for name in names if not re.search(rf"import .*\b{name}\b|from {name}\b|\.{name}\(", fixtures)] == []


def test_nothing_is_shown_as_published_that_is_not() -> None:
    """Until a first release: no `pip install looplint`, no tag. Both come in with the release."""
    text = README.read_text(encoding="utf-8")
    assert re.findall(r"pip install looplint\b|looplint/looplint@v\d|rev: v\d", text) == []
    assert text.count("python3 -m venv") == 2 and "python3.11" not in text


def test_what_the_readme_points_to_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    links = {link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if not link.startswith("http")}
    tests = re.findall(r"`(tests/[\w/.]+)::(\w+)`", text)
    assert [link for link in sorted(links) if not (ROOT / link).exists()] == []
    assert [name for file, name in tests if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")] == []
    assert len(tests) == 3


def test_the_changelog_names_every_rule() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [rule.name for rule in rules() if f"`{rule.name}`" not in text or rule.code not in text] == []
