"""Rule discovery: every file in `rules/` holds one rule; there is no list.

A rule's file is named like the rule and holds exactly one. The folder is `rules` in the package or, in a checkout,
beside it. Installed rule packs are found by the entry-point group `looplint.rules` (a package or module whose folder is
searched in the same manner), a project's own rules by a folder named in its configuration.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from looplint.project import packs
from looplint.project.built_in_rules import BUILT_IN
from looplint.project.paths import display_path
from looplint.project.settings import WrongUse
from looplint.rule import Rule, page_url


class BadRule(WrongUse):
    """A rule file that does not hold exactly one rule named like the file."""


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Every rule that comes with looplint or an installed pack, by code."""
    own = (dataclasses.replace(rule, url=page_url(rule.name)) for rule in _in_folder(folder("rules")))
    return _by_code([*own, *_in_packs()])


def rules_with(folders: tuple[str, ...]) -> tuple[Rule, ...]:
    """`rules()` and those in these folders. Raises BadRule."""
    return _by_code([*rules(), *(rule for name in folders for rule in _in_folder(Path(name)))])


def rules_of_others(folders: tuple[str, ...]) -> list[Rule]:
    """The rules in these folders and in installed packs. Raises BadRule."""
    return [rule for rule in rules_with(folders) if rule.url is None]


def find(word: str) -> Rule | None:
    """The rule with this code or name."""
    wanted = word.strip().lower().replace("_", "-")
    return next((rule for rule in rules() if wanted in (rule.code.lower(), rule.name)), None)


def folder(name: str) -> Path:
    """The path of `rules`, `fixtures` or `reference`: in the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def _by_code(found: list[Rule]) -> tuple[Rule, ...]:
    """The rules sorted by code. Raises BadRule if two share a code or a name: comments, baselines and options could not
    tell which is meant."""
    by_word: dict[str, Rule] = {}
    for rule in (*BUILT_IN, *found):
        for word in (rule.code, rule.name):
            other = by_word.setdefault(word, rule)
            if other is not rule:
                raise BadRule(
                    f"{display_path(file_of(rule))}: `{word}` is {other.code} {other.name} already; choose another"
                )
    return tuple(sorted(found, key=lambda rule: rule.code))


def file_of(rule: Rule) -> Path:
    """The file of a rule."""
    return Path(rule.ask.__code__.co_filename)


def _in_folder(place: Path) -> Iterator[Rule]:
    if not os.path.isdir(place):
        raise BadRule(
            f"{display_path(place)}: there is no such folder of rules (`rule-packs` in the configuration names it)"
        )
    for path in sorted(place.glob("*.py")):
        if not path.name.startswith("_"):
            yield _load(path)


def _load(path: Path) -> Rule:
    name = f"looplint.rules.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadRule(f"{display_path(path)}: cannot be loaded: {type(error).__name__}: {error}") from error
    found = [value for value in vars(module).values() if isinstance(value, Rule)]
    if len(found) != 1 or found[0].name != path.stem.replace("_", "-"):
        names = ", ".join(rule.name for rule in found) or "none"
        raise BadRule(
            f"{display_path(path)}: expected exactly one rule, named {path.stem.replace('_', '-')}; found {names}"
        )
    return found[0]


def _in_packs() -> Iterator[Rule]:
    from importlib.metadata import entry_points

    for entry in entry_points(group=packs.GROUP):
        try:
            pack = entry.load()
        except Exception as error:
            raise BadRule(
                f"the rule pack {entry.name} ({entry.value}) cannot be loaded: {error}; uninstall it"
            ) from error
        for place in getattr(pack, "__path__", None) or [Path(pack.__file__).parent]:
            yield from _in_folder(Path(place))
