"""Which rules are on, and how severe: codes, prefixes, names and `ALL`; the more specific word wins, as in ruff.

Preview rules are on with `preview`, or when their own code or name is selected; rules that are off by default only in
the latter case. Prefixes and `ALL` override neither.
"""

from __future__ import annotations

import fnmatch
import functools
import os
from collections.abc import Collection, Iterable, Sequence

from looplint.finding import Severity
from looplint.project.built_in_rules import BUILT_IN, BY_NAME_ONLY
from looplint.project.nearest_word import nearest_rule
from looplint.project.settings import ConfigError, Settings
from looplint.rule import Rule

# Specificity of a word: 0 for `ALL`, the length of a prefix, this for a whole code or name.
_EXACT = 100


def rules_on(settings: Settings, rules: Sequence[Rule]) -> dict[str, Severity]:
    """Severity by code of the rules that are on. Raises ConfigError for a word that matches no rule.

    A rule ignored by an outer layer stays ignored under an inner `select`, unless that is at least as specific.
    """
    rules = selectable(rules)
    on = {rule.code for rule in rules if not rule.off and (settings.preview or not rule.preview)}
    ignored: list[str] = []
    for layer in settings.selections:
        wanted = [*(layer.select or ()), *layer.extend_select]
        if layer.select is not None:
            on = set()
        words = {word: matching(word, rules, layer.origin) for word in (*ignored, *wanted, *layer.ignore)}
        exact = {word: _exactness(word, found) for word, found in words.items()}
        for level in sorted(set(exact.values())):
            for word in ignored:
                if exact[word] == level:
                    on -= {rule.code for rule in words[word]}
            for word in wanted:
                if exact[word] == level:
                    on |= {rule.code for rule in words[word] if _can_be_on(rule, settings, named=level == _EXACT)}
            for word in layer.ignore:
                if exact[word] == level:
                    on -= {rule.code for rule in words[word]}
        ignored += layer.ignore
    for word in (word for _, words in settings.per_file_ignores for word in words):
        matching(word, rules, settings.origin)
    severity = {rule.code: rule.severity for rule in rules if rule.code in on - BY_NAME_ONLY}
    levels = [(matching(word, rules, settings.origin), word, level) for word, level in settings.severity]
    for found, _, level_of in sorted(levels, key=lambda item: _exactness(item[1], item[0])):
        severity.update({rule.code: level_of for rule in found if rule.code in severity})
    return severity


def with_causes(codes: Collection[str], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules with these codes, and those that they yield to: they are asked as well, whether or not they are on."""
    causes = {name for rule in rules if rule.code in codes for name in rule.yields_to}
    return tuple(rule for rule in rules if rule.code in codes or rule.name in causes)


def without_effect(settings: Settings, rules: Sequence[Rule]) -> list[str]:
    """A sentence for each selected prefix that turns nothing on because all of its rules are in preview."""
    if settings.preview:
        return []
    notes = []
    for layer in settings.selections:
        for word in dict.fromkeys((*(layer.select or ()), *layer.extend_select)):
            found = matching(word, rules, layer.origin)
            if _exactness(word, found) != _EXACT and all(rule.preview for rule in found):
                names = " or ".join(f"`{rule.code}`" for rule in found[:2])
                notes.append(
                    f"{layer.origin}: selecting `{word}` has no effect, as its rules are in preview: "
                    f"add `--preview`, or select a rule by its code ({names})"
                )
    return notes


def ignored_in(path: str, settings: Settings, rules: Sequence[Rule]) -> frozenset[str]:
    """Codes that `per-file-ignores` turns off for a file. Raises ConfigError for a word that matches no rule."""
    if not settings.per_file_ignores:
        return frozenset()
    words = (w for pattern, listed in settings.per_file_ignores if fits(path, pattern, settings.root) for w in listed)
    return frozenset(rule.code for word in words for rule in matching(word, rules, settings.origin)) - BY_NAME_ONLY


def always_on(path: str, settings: Settings) -> dict[str, Severity]:
    """Severity by code of the rules that only their own code or name turns off, for one file."""
    words = {word for layer in settings.selections for word in layer.ignore}
    words.update(*(listed for pattern, listed in settings.per_file_ignores if fits(path, pattern, settings.root)))
    found = (rule for rule in BUILT_IN if rule.code in BY_NAME_ONLY and not words & {rule.code, rule.name})
    levels = dict(settings.severity)
    return {rule.code: levels.get(rule.code) or levels.get(rule.name) or rule.severity for rule in found}


def matching(word: str, rules: Iterable[Rule], origin: str = "") -> list[Rule]:
    """The rules that a word (code, prefix, name, `ALL`) matches. Raises ConfigError if there is none."""
    rules = selectable(rules)
    if word == "ALL":
        return rules
    found = [rule for rule in rules if word in (rule.code, rule.name)]
    if not found and word[:1].isupper():
        found = [rule for rule in rules if rule.code.startswith(word)]
    if not found:
        codes = {word: rule.code for rule in rules for word in (rule.code, rule.name)}
        raise ConfigError(f"{origin}{': ' if origin else ''}there is no rule `{word}`; {nearest_rule(word, codes)}")
    return found


def selectable(rules: Iterable[Rule]) -> list[Rule]:
    """The selectable rules, by code: those that query code, and the built-in ones."""
    return sorted({rule.code: rule for rule in (*BUILT_IN, *rules)}.values(), key=lambda rule: rule.code)


def _can_be_on(rule: Rule, settings: Settings, *, named: bool) -> bool:
    return named or not (rule.off or (rule.preview and not settings.preview))


def _exactness(word: str, found: Sequence[Rule]) -> int:
    if word == "ALL":
        return 0
    return _EXACT if any(word in (rule.code, rule.name) for rule in found) else len(word)


@functools.lru_cache(maxsize=4096)
def fits(path: str, pattern: str, root: str) -> bool:
    """Whether a pattern matches a file by its name, its path from `root`, or a folder above it; `!` negates it."""
    if pattern.startswith("!"):
        return not fits(path, pattern[1:], root)
    path = os.path.abspath(path)
    parts = os.path.relpath(path, root).replace(os.sep, "/").split("/")
    names = {parts[-1], path.replace(os.sep, "/"), *("/".join(parts[:end]) for end in range(1, len(parts) + 1))}
    pattern = pattern.removeprefix("./").rstrip("/")
    return any(fnmatch.fnmatchcase(name, glob) for name in names for glob in {pattern, pattern.replace("**/", "")})
