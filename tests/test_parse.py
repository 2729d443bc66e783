"""Two parsers, one tree: libcst's lowered tree is the interpreter's own, node by node and place by place."""

from __future__ import annotations

import ast
import itertools
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import hypothesmith
import pytest
from hypothesis import given
from readme_parts import ROOT

import looplint.syntax.parse
from looplint import check_source
from looplint.project.config import settings
from looplint.syntax.concrete import concrete, too_deep
from looplint.syntax.lowering.lower import lower
from looplint.syntax.parse import parse, parse_expression, parses

# A sum of a few thousand terms makes libcst take seconds; the files below hold none.
LIBRARY = Path(ast.__file__).parent
PACKAGES = Path(sysconfig.get_paths()["purelib"])
EXAMPLES = hypothesis.settings().max_examples
EVERY_FORM = """\
import a.b as c, d
from .e import (f as g, h,)
from . . import i
from j import *
x: int = 1
y.z: 'q' = 2
x = y = (z := 2),
x += 1; x @= 2; x //= 3; x **= 4; x >>= 5; x <<= 6; x &= 7; x ^= 8; x |= 9; x %= 1
del x, (y[0]), [a, b.c]
async def coroutine(a, /, b=1, *args: *int, c, d=2, **kwargs) -> "int":
    global m, n
    async with open(a) as f, b: ...
    async for q in r: yield await q
    else: return
    return [i async for i in j if i if k for l in m]
@decorated(1)
@ twice . over
class C(A, B[int], *D, metaclass=M, **options):
    def method(self, *, e: int, f=1): nonlocal g; return lambda self, /, *a, k=1, **o: (yield)
    def inner(): yield from inner()
    try:
        assert a, "message"
    except (E, F) as error:
        raise G from error
    except H: raise
    except: pass
    else: pass
    finally: ...
try: pass
except* A: pass
match subject, other:
    case 1 | "a" 'b' | None | -1j | 1+2j | (2): pass
    case [first, *rest, _] if first: pass
    case ((a, b), *_): pass
    case {"key": value, -1: (w), **others}: pass
    case Point(x, y=0, z=whole,) as point: pass
    case a.b, *c: pass
    case (d): pass
    case _: pass
while not a and b or c < d <= e is not f not in g != h in i:
    if a: break
    elif b: continue
    else: pass
else: pass
for i, (j, *k) in {**l, 'm': n,}.items(): pass
else:
    f"{a!r:>{width}} {b = } {{}} {c:{d}{e}}" 'x' f'\\N{EM DASH}\\t{x}', b"\\x00" b'1', u'a' 'b', rf'\\{x}'
    f'''\\t'{a}''{b}\\''{c}''', f"\\t'{d}'"
    1.5, 1_0.0e-3j, 0xFF, True, -1
    a[1:2, ::3, ..., :], a[:], a[b:], a[::c], a[*d], a[e,], {1, *s}, {k: v for k, v in w if k for u in v}
    a if b else c, ~a, a @ b // c ** -d, (x for x in y), {t for t in u}, print(*args, key=1, **kwargs), f(x for x in y)
    (a), ((b)) . c, (((d))) (e), (f) [g], (), (h,), [], {}, -(-i), not (j), (k + l) * m, (a and b) and c or d
    "two " \\
        "rows", (  # a comment
        1,
    )
with (a as b, c): pass
with (a, b) as c: pass
with (open(a)): pass
é = ﬁ = 'ß' + é[1:]  # normalised
\fx = 1
if True: a; b;
"""


def differences(own: Any, other: Any, path: str = "", in_f_string: bool = False) -> Iterator[str]:
    """Where two trees differ. Before Python 3.12 the interpreter does not know where the parts of an f-string stand."""
    if type(own) is not type(other):
        yield f"{path}: {type(own).__name__} {type(other).__name__}"
    elif isinstance(own, ast.AST):
        inside = in_f_string or (isinstance(own, ast.JoinedStr) and sys.version_info < (3, 12))
        for name in own._fields:
            yield from differences(getattr(own, name, None), getattr(other, name, None), f"{path}.{name}", inside)
        for name in () if in_f_string else own._attributes:
            if getattr(own, name) != getattr(other, name):
                yield f"{path}.{name}: {getattr(own, name)} {getattr(other, name)}"
    elif isinstance(own, list):
        if path.endswith(".format_spec.values"):
            # Python 3.12 ends the specification `{a}{b}` with an empty text.
            own, other = ([part for part in parts if getattr(part, "value", None) != ""] for parts in (own, other))
        if len(own) != len(other):
            yield f"{path}: {len(own)} {len(other)}"
        for index, pair in enumerate(zip(own, other, strict=False)):
            yield from differences(*pair, f"{path}[{index}]", in_f_string)
    elif repr(own) != repr(other):
        yield f"{path}: {own!r} {other!r}"


def assert_same(text: str) -> None:
    own = parse(text)
    assert list(itertools.islice(differences(own, lower(concrete(text), text)), 3)) == []


def corpus(step: int) -> list[Path]:
    """Every `step`th file of the standard library and of a package in site-packages, and all that lies here."""
    here = [*ROOT.glob("fixtures/*.py"), *ROOT.glob("looplint/**/*.py"), *ROOT.glob("rules/*.py")]
    standard = [*LIBRARY.glob("*.py"), *LIBRARY.glob("test/**/*.py"), *LIBRARY.glob("asyncio/*.py")]
    installed = [*PACKAGES.glob("libcst/_nodes/*.py"), *PACKAGES.glob("torch/nn/modules/*.py")]
    files = [file for part in (here, standard, installed) for file in sorted(part)[::step]]
    return [file for file in files if file.stat().st_size < 40_000 or step == 1]


def test_every_form_gives_the_same_tree() -> None:
    assert_same(EVERY_FORM)


def test_files_give_the_same_trees(request: pytest.FixtureRequest) -> None:
    """With --hypothesis-profile=thorough all files of the corpus, else one in 25."""
    thorough = request.config.getoption("--hypothesis-profile") == "thorough"
    compared = 0
    for file in corpus(1 if thorough else 25):
        try:
            text = file.read_text(encoding="utf-8").removeprefix("\ufeff")
            ast.parse(text)
            tree = concrete(text)
        except (SyntaxError, ValueError):
            continue
        found = list(itertools.islice(differences(parse(text), lower(tree, text)), 3))
        assert found == [], file
        compared += 1
    assert compared > (500 if thorough else 20)


# A program takes longer to make up than to compare.
@hypothesis.settings(max_examples=EXAMPLES // 2)
@given(hypothesmith.from_grammar())
def test_programs_from_the_grammar_give_the_same_trees(text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        parse(text)
        concrete(text)
    except SyntaxError:
        return
    assert_same(text)


NEWER = {
    "PEP 695, type statement": "type Batch = tuple[torch.Tensor, torch.Tensor]",
    "PEP 695, function": "def load[T: nn.Module, *Ts, **P](path: str) -> T:\n    return torch.load(path)",
    "PEP 695, class": "class Pair[A, B](nn.Module):\n    pass",
    "PEP 696": "class Store[A = int, *B = *tuple[int, ...]]:\n    pass",
    "PEP 701": 'name = f"{names["resnet"]}: {f"{1}"} {\n    1  # one\n}"',
    "PEP 750": 'label = t"run {name!r:>{width}} {1 + 1 = }"',
    "PEP 758": "try:\n    import tensorboard\nexcept ImportError, ValueError:\n    tensorboard = None",
    "PEP 798": "flat = [*row for row in rows]\nmerged = {**row for row in rows}",
    "PEP 810": "lazy import json\nlazy from os import path as where",
}
LOOP = """

def train(model: nn.Module, loader, optimizer: torch.optim.Optimizer):
    for inputs, targets in loader:
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize("parser", ["auto", "libcst"])
@pytest.mark.parametrize("syntax", NEWER.values(), ids=NEWER)
def test_newer_syntax_is_read_whatever_python_runs(syntax: str, parser: str) -> None:
    text = f"import torch\nfrom torch import nn\n\n{syntax}\n{LOOP}"
    findings = check_source(text, "train.py", settings(parser=parser))
    rows = [(finding.code, finding.location.row) for finding in findings]
    assert rows == [("LOOP201", text.count("\n") - 1)]


@pytest.mark.parametrize(
    "head", ["def train[M: nn.Module](", "async def train[*Ts](", "class Trainer[M]:\n    def train[N = int](self, "]
)
def test_a_mistake_inside_something_with_type_parameters(head: str) -> None:
    indent = "    " * head.count("\n")
    body = LOOP.strip().split("\n")[1:]
    text = "import torch\nfrom torch import nn\n\n" + head + "model: nn.Module, loader, optimizer: torch.optim.SGD):\n"
    text += "\n".join(indent + row for row in body) + "\n"
    assert [(f.code, f.location.row) for f in check_source(text)] == [("LOOP201", text.count("\n") - 1)]


ALIASES = (
    "{type} Net = nn.Module\ndef train(model: Net, ",
    "def train[M: nn.Module](model: M, ",
    "class Trainer[M: nn.Module]:\n def train(self, model: M, ",
)


@pytest.mark.parametrize("head", ALIASES, ids=["type", "def", "class"])
def test_an_alias_or_type_parameter_says_what_a_parameter_is(head: str) -> None:
    body = "x):\n        return model.forward(x)\n"
    text = "from torch import nn\n" + head.format(type="type") + body
    assert [f.code for f in check_source(text)] == ["LOOP301"]
    assert not check_source(text.replace("nn.Module", "str"))


def test_what_stands_in_a_template_string_is_read() -> None:
    text = 'import torch\n\ndef show(model: torch.nn.Module, x):\n    return t"{model.forward(x)}"\n'
    assert [(f.code, f.location.row) for f in check_source(text)] == [("LOOP301", 4)]


def test_template_strings_are_what_python_3_14_makes_of_them() -> None:
    a, b = "value=Name(id='a', ctx=Load())", "value=Name(id='b', ctx=Load())"
    spec = f"format_spec=JoinedStr(values=[Constant(value='>'), FormattedValue({b}, conversion=-1)])"
    for text, values in {
        't"{ a }"': f"Interpolation({a}, str=' a ', conversion=-1)",
        't"{a  !r}"': f"Interpolation({a}, str='a  ', conversion=114)",
        't"{ a = }"': f"Constant(value=' a = '), Interpolation({a}, str=' a ', conversion=114)",
        't"{a:>{ b }}"': f"Interpolation({a}, str='a', conversion=-1, {spec})",
    }.items():
        assert ast.dump(parse_expression(text)) == f"TemplateStr(values=[{values}])"


@pytest.mark.parametrize("text", ["x = (", "x = \0", "x = '\ud83d'", "-" * 200_000 + "1", "'\\x'", "b'a' 'b'", "1__0"])
@pytest.mark.parametrize("parser", ["auto", "libcst"])
def test_one_kind_of_error(text: str, parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looplint.syntax.parse, "default", parser)
    with pytest.raises(SyntaxError):
        parse(text)
    assert not parses(text)


@pytest.mark.parametrize("text", ["x = " + "a + " * 5000 + "a", "x = " + "lambda: " * 5000 + "a", "x" + ".y()" * 5000])
def test_libcst_is_not_given_what_would_bring_it_down(text: str) -> None:
    assert too_deep(text)
    with pytest.raises(SyntaxError, match="too deeply"):
        concrete(text)


def test_long_files_are_not_deep() -> None:
    assert not too_deep("x.y.z = a.b + c.d\n" * 5000)
    assert not too_deep("x = [" + "-1, " * 5000 + "]")


def test_an_expression_by_itself() -> None:
    assert ast.unparse(parse_expression(" a.b + c")) == "a.b + c"
    for text in ("a = 1", "a)(", "", "pass", "a; b"):
        with pytest.raises(SyntaxError):
            parse_expression(text)
