"""Configuration: which file decides, what a wrong one says, and that the schema and the parser are of one mind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from looplint import report
from looplint.cli.commands import main
from looplint.finding import Severity
from looplint.project.config import Configuration, settings
from looplint.project.config_table import KEYS
from looplint.project.files_to_lint import files
from looplint.project.schema import schema
from looplint.project.selection import ignored_in, rules_on, without_effect
from looplint.project.settings import OUTPUT_FORMATS, ConfigError, Settings
from looplint.rule import Mistake, Rule


def _no_mistake(_: object) -> Iterator[Mistake]:
    return iter(())


def rule(code: str, name: str, *, preview: bool = False, off: bool = False) -> Rule:
    return Rule(code, name, Severity.ERROR, _no_mistake, "Summary.", preview, off)


RULES = (
    rule("LOOP201", "missing-zero-grad"),
    rule("LOOP202", "zero-grad-before-step"),
    rule("LOOP205", "partial-accumulation-lost", preview=True),
    rule("LOOP206", "accumulation-not-averaged", off=True),
    rule("LOOP701", "loss-accumulated-with-graph"),
)


def on(wanted: Settings) -> set[str]:
    return {code.removeprefix("LOOP") for code in rules_on(wanted, RULES)} - {"001"}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("keys", "codes"),
    [
        ({}, "201 202 701"),
        ({"preview": True}, "201 202 205 701"),
        ({"select": ["LOOP2"]}, "201 202"),
        ({"select": ["missing-zero-grad"]}, "201"),
        ({"select": ["LOOP205"]}, "205"),
        ({"extend-select": ["partial-accumulation-lost"]}, "201 202 205 701"),
        ({"select": ["LOOP205"], "preview": True}, "205"),
        ({"select": ["ALL"], "preview": True}, "201 202 205 701"),
        ({"select": ["LOOP20"]}, "201 202"),
        ({"extend-select": ["accumulation-not-averaged"]}, "201 202 206 701"),
        ({"ignore": ["LOOP2"]}, "701"),
        ({"select": ["LOOP201"], "ignore": ["LOOP2"]}, "201"),
        ({"select": ["LOOP2"], "ignore": ["ALL"]}, "201 202"),
        ({"select": ["LOOP2"], "ignore": ["LOOP201"]}, "202"),
        ({"select": ["missing-zero-grad"], "ignore": ["LOOP201"]}, ""),
        ({"select": []}, ""),
    ],
)
def test_the_more_specific_word_wins(keys: dict[str, Any], codes: str) -> None:
    assert on(settings(**keys)) == set(codes.split())


@pytest.mark.parametrize(
    ("file", "options", "codes"),
    [
        ('ignore = ["LOOP201"]', {"select": ["LOOP2"]}, "202"),
        ('ignore = ["LOOP2"]', {"select": ["LOOP201"]}, "201"),
        ('ignore = ["LOOP201"]', {"select": ["LOOP201"]}, "201"),
        ('select = ["LOOP2"]', {"ignore": ["LOOP202"]}, "201"),
        ('select = ["LOOP2"]', {"extend-select": ["LOOP7"]}, "201 202 701"),
        ('ignore = ["LOOP201"]', {"extend-select": ["LOOP2"]}, "202 701"),
    ],
)
def test_the_command_line_stands_above_the_file(tmp_path: Path, file: str, options: dict[str, Any], codes: str) -> None:
    write(tmp_path, {"looplint.toml": file})
    assert on(Configuration(options=options).for_folder(tmp_path)) == set(codes.split())


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ({"select": ["LOOP205"]}, None),
        ({"select": ["LOOP20"]}, None),
        ({"select": ["LOOP3"]}, "LOOP3"),
        ({"extend-select": ["LOOP3"]}, "LOOP3"),
        ({"select": ["LOOP3"], "preview": True}, None),
    ],
)
def test_a_prefix_of_preview_rules_alone_is_reported_to_select_nothing(keys: dict[str, Any], word: str | None) -> None:
    rules = (*RULES, rule("LOOP301", "direct-forward-call", preview=True))
    said = without_effect(settings(**keys), rules)
    assert said == [] if word is None else len(said) == 1 and f"`{word}`" in said[0] and "`LOOP301`" in said[0]


def test_severity_by_the_most_specific_word() -> None:
    wanted = settings(severity={"missing-zero-grad": "warning", "ALL": "note", "LOOP2": "error"})
    severity = rules_on(wanted, RULES)
    assert [severity[f"LOOP{n}"] for n in (201, 202, 701)] == ["warning", "error", "note"]


def test_per_file_ignores(tmp_path: Path) -> None:
    write(tmp_path, {"looplint.toml": '[per-file-ignores]\n"tests/*" = ["LOOP7"]\n"!train*.py" = ["LOOP202"]\n'})
    wanted = Configuration().for_folder(tmp_path)

    def off(name: str) -> set[str]:
        return {code.removeprefix("LOOP") for code in ignored_in(str(tmp_path / name), wanted, RULES)}

    assert off("tests/deep/a.py") == {"701", "202"}
    assert off("train_all.py") == set()
    assert off("src/tests.py") == {"202"}


def test_the_nearest_file_decides_alone_and_extend_starts_from_another(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": '[tool.looplint]\nignore = ["LOOP201"]\npreview = true\nbaseline = "known.json"\n',
            "a/x.py": "",
            "b/looplint.toml": 'extend = "../pyproject.toml"\nextend-select = ["LOOP206"]\n',
            "b/c/pyproject.toml": "[tool.other]\nlooplint = 1\n",
            "d/.looplint.toml": "",
            "d/looplint.toml": "preview = true",
        },
    )
    configuration = Configuration()
    above = configuration.for_file(tmp_path / "a" / "x.py")
    assert on(above) == {"202", "205", "701"}
    assert (above.root, above.baseline) == (str(tmp_path), str(tmp_path / "known.json"))
    extended = configuration.for_folder(tmp_path / "b" / "c")
    assert on(extended) == {"202", "205", "206", "701"}
    assert (extended.root, extended.baseline) == (str(tmp_path / "b"), above.baseline)
    assert not configuration.for_folder(tmp_path / "d").preview
    assert Configuration(isolated=True).for_folder(tmp_path / "a").selections == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('slect = ["ALL"]', ["unknown key `slect`", "did you mean `select`?"]),
        ("preview = 1", ["`preview` expects `true` or `false`", "the number `1`"]),
        ('select = "LOOP2"', ["`select` expects a list of codes", "the text `LOOP2`"]),
        ("ignore = [3]", ["`ignore` expects a list of codes"]),
        ('output-format = "sarfi"', ["`output-format` expects one of", "did you mean `sarif`?"]),
        ('severity = { LOOP2 = "fatal" }', ["`severity.LOOP2` expects one of `error`, `warning`, `note`"]),
        ('per-file-ignores = ["x"]', ["`per-file-ignores` expects a table of file patterns"]),
        ('known = { module = ["a.B"] }', ["unknown key `known.module`", "did you mean `modules`?"]),
        ('known = { modules = ["a-b"] }', ["`known.modules` expects dotted names", "`a-b`"]),
        ('extend = "nowhere.toml"', ["nowhere.toml", "cannot be read", "`extend` in", "looplint.toml"]),
        ('extend = "looplint.toml"', ["goes round in a circle"]),
        ("select = [", ["is not valid TOML"]),
    ],
)
def test_a_wrong_file_is_named_with_the_key_and_what_was_expected(tmp_path: Path, text: str, said: list[str]) -> None:
    write(tmp_path, {"looplint.toml": text})
    with pytest.raises(ConfigError) as error:
        Configuration().for_folder(tmp_path)
    assert all(part in str(error.value) for part in ["looplint.toml", *said]), error.value


@pytest.mark.parametrize(
    "text",
    [
        'select = ["mising-zero-grad"]',
        'ignore = ["mising-zero-grad"]',
        'severity = { mising-zero-grad = "note" }',
        'per-file-ignores = { "gone.py" = ["mising-zero-grad"] }',
    ],
)
def test_an_unknown_rule_is_reported_with_the_nearest_name(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"looplint.toml": text})
    wanted = Configuration().for_folder(tmp_path)
    with pytest.raises(ConfigError, match=r"looplint\.toml.*`mising-zero-grad`; did you mean `missing-zero-grad`\?"):
        rules_on(wanted, RULES)


GOOD: tuple[dict[str, Any], ...] = (
    {},
    {"extend": "base.toml"},
    {"select": ["ALL"], "extend-select": ["LOOP2"], "ignore": ["missing-zero-grad"]},
    {"per-file-ignores": {"tests/*": ["LOOP7"]}, "severity": {"LOOP201": "note"}},
    {"exclude": ["a"], "extend-exclude": ["b/**"], "force-exclude": True, "respect-gitignore": False},
    {"preview": True, "markdown": False, "cache": False, "cache-dir": "~/.cache/looplint"},
    {"output-format": "sarif", "parser": "libcst", "baseline": "known.json", "rule-packs": ["lint/rules"]},
    {"known": {"clears-gradients": ["a.b", "*.reset"], "modules": ["a.B"], "returns-float": ["f"]}},
)
BAD: tuple[dict[str, Any], ...] = (
    {"unknown": 1},
    {"known": {"unknown": ["a"]}},
    {"known": {"modules": ["a-b"]}},
    {"known": ["a"]},
    {"severity": {"LOOP2": "fatal"}},
    {"severity": ["LOOP2"]},
    {"per-file-ignores": {"a": "LOOP2"}},
    {"output-format": "xml"},
    {"parser": "ast"},
    {"exclude": "a"},
    *({key: 7} for key in KEYS),
)


@pytest.mark.parametrize("table", [*GOOD, *BAD], ids=repr)
def test_the_schema_takes_what_the_parser_takes(table: dict[str, Any]) -> None:
    validator = jsonschema.Draft7Validator(schema(["ALL", "LOOP201"]))
    table = {key: value for key, value in table.items() if key != "extend" or value == 7}
    try:
        settings(**table)
    except ConfigError:
        assert not validator.is_valid(table)
    else:
        assert validator.is_valid(table)


def test_each_default_in_the_schema_is_a_value_of_its_key() -> None:
    whole = schema(["ALL", "LOOP201"])
    defaults = {key: about["default"] for key, about in whole["properties"].items() if "default" in about}
    assert len(defaults) > 10
    jsonschema.Draft7Validator(whole).validate(defaults)


def test_the_samples_for_the_schema_have_every_key() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    assert {key for table in GOOD for key in table} == set(KEYS)


def test_the_formats_of_the_configuration_are_those_there_are() -> None:
    assert tuple(OUTPUT_FORMATS) == report.formats()


def test_known_calls_reach_the_settings() -> None:
    known = settings(known={"clears-gradients": ["mylib.reset"], "returns-float": ["mylib.loss_value"]}).known
    assert (known.clears_gradients, known.modules, known.returns_float) == (("mylib.reset",), (), ("mylib.loss_value",))


def test_which_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "looplint.toml": 'extend-exclude = ["old"]\nmarkdown = false',
            "a.py": "",
            "old/b.py": "",
            "notes.md": "",
            "sub/looplint.toml": 'exclude = ["gen*"]\nforce-exclude = true',
            "sub/c.py": "",
            "sub/old/d.py": "",
            "sub/deep/generated.py": "",
        },
    )
    monkeypatch.chdir(tmp_path)
    assert list(files([], Configuration())) == ["a.py", "sub/c.py"]
    assert list(files(["sub"], Configuration())) == ["sub/c.py", "sub/old/d.py"]
    named = ["old/b.py", "notes.md", "sub/deep/generated.py"]
    assert list(files(named, Configuration())) == ["notes.md", "old/b.py"]
    assert list(files(["a.py", "./a.py", "gone.py"], Configuration())) == ["a.py", "gone.py"]


@pytest.mark.parametrize("name", ["looplint.toml", "pyproject.toml"])
@pytest.mark.parametrize(
    "value", ['"a\\u0000b"', '["a\\u0000b"]', '"~nobody-of-that-name/x"', '["' + "a/" * 3000 + '"]']
)
@pytest.mark.parametrize("key", KEYS)
def test_no_value_is_beyond_words(
    key: str, value: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heading = "[tool.looplint]\n" if name == "pyproject.toml" else ""
    write(tmp_path, {name: f"{heading}{key} = {value}\n", "train.py": "x = 1\n"})
    monkeypatch.chdir(tmp_path)
    status, err = main(["."]), capsys.readouterr().err
    assert status in (0, 2) and "internal error" not in err
    assert (status == 2) == (key in err or "rules" in err)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.looplint]\nx = " + "[" * 100_000, "nested too deeply"),
        ("[tool.looplint]\n" + "a." * 1_000_000 + "b = 1", "larger than any"),
        ("tool = []  # looplint", None),
        ("tool = 1  # looplint", None),
        ("#" * 2_000_000, None),
    ],
)
def test_a_file_made_to_do_harm_does_none(text: str, said: str | None, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": text})
    if said is None:
        assert Configuration().for_folder(tmp_path).origin == ""
    else:
        with pytest.raises(ConfigError, match=said):
            Configuration().for_folder(tmp_path)


@pytest.mark.parametrize("name", ["looplint.toml", "pyproject.toml"])
def test_a_pipe_is_no_configuration(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    assert Configuration().for_folder(tmp_path).origin == ""


@pytest.mark.parametrize("key", ["extend", "baseline", "cache-dir", "rule-packs"])
def test_what_a_configuration_names_is_not_waited_for(key: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    value = '["pipe"]' if key == "rule-packs" else '"pipe"'
    write(tmp_path, {"looplint.toml": f"{key} = {value}\n", "train.py": "import torch\noptimizer.step()\n"})
    run = subprocess.run([sys.executable, "-m", "looplint", "."], cwd=tmp_path, capture_output=True, timeout=600)
    assert run.returncode == (0 if key == "cache-dir" else 2)
    assert b"pipe" in run.stderr or key == "cache-dir"
    assert b"internal error" not in run.stderr
