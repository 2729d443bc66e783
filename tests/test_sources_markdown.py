"""Python in Markdown and reStructuredText, at the rows and columns where the author wrote it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looplint import check_source
from looplint.project.config import settings
from looplint.sources import Source, from_text
from looplint.sources.writeback import editable_segments, write_back


def markdown(text: str, path: str = "a.md") -> Source:
    """The program of a Markdown text."""
    (source,) = from_text(text, path)
    ast.parse(source.text)
    return source


@pytest.mark.parametrize(
    "opening",
    [
        "```python",
        "``` py",
        "~~~Python",
        "`````python3 title=\"x.py\" hl_lines='1 2'",
        "```{python}",
        "```{.numberLines .py}",
        "```{code-cell} ipython3",
        "```{code-cell}",
        "```{code-block} python",
        "```python:train.py",
        "```py,ignore",
        "   ```python",
        "- ```python",
        "1. ```python",
        "> ```python",
        "> > * ~~~python",
        "```{python, echo=FALSE}",
        "    ```python",
        "\t```python",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_fences(opening: str, newline: str) -> None:
    bare = opening.lstrip(" \t->*.1")
    left = "".join(char if char in ">\t" else " " for char in opening[: len(opening) - len(bare)])
    fence = bare[: len(bare) - len(bare.lstrip(bare[0]))]
    rows = ["Text", opening, f"{left}for x in y:", f"{left}    f(x)", left + fence, "after = 1", "", "```", "no", "```"]
    source = markdown(newline.join(rows))
    assert source.text == "for x in y:\n    f(x)"
    assert (source.locate(2, 5).row, source.locate(2, 5).column) == (4, len(left) + 5)


@pytest.mark.parametrize(
    "info", ["text", "c++", "bash", "pytb", "console", "title=python", "{r}", "julia", "{note} python"]
)
def test_other_languages(info: str) -> None:
    if info != "{note} python":
        assert markdown(f"```{info}\nloss.backward()\n```\n").text == ""


def test_blocks_build_on_each_other() -> None:
    source = markdown("```py\nmodel = f()\n```\ntext\n```py\ndef f(:\n```\n~~~py\n\ny = model(x)\n~~~\n")
    assert source.text == "model = f()\n\ny = model(x)"
    assert [source.locate(row, 1).row for row in (1, 2, 3)] == [2, 9, 10]
    assert source.notes == ()
    (excerpt,) = source.excerpts
    assert excerpt.startswith("a.md:6:7: ") and "block was skipped" in excerpt


def test_without_a_language_only_training_loops_count() -> None:
    text = "```\nx = 1\n```\n\n```\noptimizer.zero_grad()\n```\n\n```\n$ zero_grad now\n```\n"
    source = markdown(text)
    assert source.text == "optimizer.zero_grad()" and source.notes == source.excerpts == ()


def test_a_training_loop_that_does_not_parse_is_noted() -> None:
    (note,) = markdown("# A\n\n```python\nloss = ...\nloss.backward(\n```\n").notes
    assert note.startswith("a.md:5:14: ") and "block was skipped" in note


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\nx = 1\n", "x = 1\n"),
        ("```python\nx = 1\n\n```python\ny = 2\n```\n", "x = 1\n\ny = 2"),
        ("````python\ns = '''\n```python\n'''\n````\n", "s = '''\n```python\n'''"),
        ("~~~python\ns = '''\n```\n'''\n~~~\n", "s = '''\n```\n'''"),
        ("> ```python\n> x = 1\nText\n```python\ny = 2\n```\n", "x = 1\ny = 2"),
        ("* a\n\n  ```python\n  if x:\n\ty = 1\n  ```\n", "if x:\n\ty = 1"),
        ("1. a\n\n    ```python\n    if x:\n\n\t    y = 1\n\t```\nb", "if x:\n\n    y = 1"),
        ("`` ```python ``\nx\n", ""),
        ("```python x`y\nz\n```\n", ""),
        ("```python\n```\n", ""),
        ("```python\n    x = 1\n    y = 2\n```\n", "x = 1\ny = 2"),
        ("```python\n!pip install x\n%time f(x)\n```\n", "pass  # magic: !pip install x\n0;    f(x)"),
        ("```python\n%%bash\nls\n```\n", ""),
        ("````\n```python\nx = 1\n```\n````\n", ""),
        ("```{code-cell}\n:tags: [hide]\n\nx = 1\n```\n", "\n\nx = 1"),
        ("```{code-cell} ipython3\n---\ntags: [hide]\n---\nx = 1\n---y\n```\n", "\n\n\nx = 1\n---y"),
        (
            "<!--\n```python\nx = 1\n```\n-->\n```python\ny = 2\n```\n<!-- one row -->\n```python\nz = 3\n```\n",
            "y = 2\nz = 3",
        ),
        ("```python\n'<!--'\n```\n```python\ny = 2\n```\n", "'<!--'\ny = 2"),
        ("```pycon\n>>> for x in y:\n...     f(x)\n...\n1\n>>> z\n```\n", "for x in y:\n    f(x)\n\n\nz"),
        (
            "```{.python .input}\n%%tab jax\nx = 1\n```\n```python\n%%tab all\ny = 2\n```\n",
            "pass  # magic: %%tab all\ny = 2",
        ),
        (
            "```python\n#@tab mxnet, jax\nx = 1\n```\n```python\n#@tab mxnet, pytorch\ny = 2\n```\n",
            "#@tab mxnet, pytorch\ny = 2",
        ),
        ("```python\n>>> x = 1\nTraceback (most\n```\n", "x = 1\n"),
        ("```ipython\nIn [12]: for x in y:\n    ...:     f(x)\nOut[12]: 3\n```\n", "for x in y:\n    f(x)\n"),
    ],
)
def test_odd_blocks(text: str, code: str) -> None:
    assert markdown(text).text == code


def test_restructured_text() -> None:
    source = markdown(
        "Title\n=====\n\n.. code-block:: python\n   :linenos:\n   :caption: loop\n\n   for x in y:\n       f(x)\n\n"
        "Text.\n\n.. code:: bash\n\n   loss.backward()\n\nAs follows::\n\n    loss.backward()\n\nB\n\n"
        "  >>> z = 1\n  >>> z\n  1\n\n.. testcode::\n\n  w\n",
        "a.rst",
    )
    assert source.text == "for x in y:\n    f(x)\nloss.backward()\nz = 1\nz\n\nw"
    assert [source.locate(row, 1).row for row in (1, 2, 3, 4, 7)] == [8, 9, 19, 23, 29]
    assert [source.locate(row, 1).column for row in (1, 2, 3, 4, 7)] == [4, 4, 5, 7, 3]


ROWS = ["x = 1", "for a in b:", "    f(a)", "", "```", "~~~", "```python", "- ~~~py", "> ```python", ">>> x", "... y"]
ROWS += [
    "\tg(x)",
    "> x = 1",
    "  z = 'é'",
    "Text",
    "   ```",
    "%time x",
    "loss.backward()",
    "```pycon",
    "\x0cq = 1",
    "\u2028",
]


@given(st.lists(st.sampled_from(ROWS), max_size=14), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_row_leads_back_to_its_own(rows: list[str], newline: str) -> None:
    source = markdown(newline.join(rows))
    for row, text in enumerate(source.text.split("\n") if source.segments else [], 1):
        place = source.locate(row, 1)
        written = rows[place.row - 1][place.column - 1 :]
        assert not text or text in (written, f"0;   {written[5:]}", f"pass  # magic: {written.strip()}")


EXCERPT = """\
def step(engine, batch):
    # Whatever is needed
    # in one step

for x in loader:
    if x:  # empty
        # your code
    else:

        # and yours
    loss.backward()
"""


def test_blocks_that_only_a_comment_fills_are_read() -> None:
    raw = f"```python\n{EXCERPT}```\n".encode()
    [source] = from_text(raw, "a.md")
    assert not source.notes
    assert source.text.count("pass  # ") == 3
    [(_, text)] = editable_segments(raw, "a.md")
    new = write_back(raw, "a.md", {0: text.replace("    loss.", "    optimizer.zero_grad()\n    loss.")})
    assert new == raw.replace(b"    loss.", b"    optimizer.zero_grad()\n    loss.")


SPEAKS = "if x:\n    # looplint: ignore[LOOP201]\nloss.backward()"


@pytest.mark.parametrize(
    "code", [SPEAKS, "if x:\n# no body\nloss.backward()", "if x:\nloss.backward()", "loss.backward()\nfor x in y:"]
)
def test_a_block_without_anything_in_it_is_none(code: str) -> None:
    [source] = from_text(f"```python\n{code}\n```\n", "a.md")
    assert source.text == ""
    assert len(source.notes) == 1


@pytest.mark.parametrize("name", ["a.md", "a.markdown", "a.mdx", "a.qmd", "a.Rmd", "a.rmd"])
def test_the_suffix_decides_what_is_a_page(name: str) -> None:
    [source] = from_text("# Title\n\n```{python}\n#| echo: false\nx = 1\n```\n", name)
    assert (source.kind, source.text) == ("markdown", "#| echo: false\nx = 1")


PAGE = """\
# Why not call it

```
for images, labels in batches:
    optim.zero_grad()
    loss = criterion(network(images), labels)
    loss.backward()
    optim.step()
```

We make one:

```
sample_model = Blueprint()
```

and use it:

```
scores = sample_model(sample_batch)
```

Not so:

```
scores = sample_model.forward(sample_batch)
```

Settings of another program:

```
colour = "red"
```
"""


def test_blocks_of_a_page_build_on_each_other() -> None:
    text = markdown(PAGE).text
    assert "sample_model = Blueprint()" in text and "scores = sample_model(sample_batch)" in text
    assert "colour" not in text, "nothing that trains knows it"
    assert "Blueprint" not in markdown(PAGE.partition("```\nscores = sample_model.forward")[0]).text


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        (PAGE, [26]),
        (PAGE.replace("scores = sample_model(sample_batch)", "scores = 1"), []),
        (PAGE.replace("sample_model", "sample"), []),
        (PAGE.replace("    loss.backward()\n", ""), []),
    ],
    ids=["taught", "not called otherwise", "no module by its name", "no training"],
)
def test_what_a_page_about_training_calls_and_forwards_is_a_module(page: str, rows: list[int]) -> None:
    found = [finding for finding in check_source(page, "page.md") if finding.code == "LOOP301"]
    assert [finding.location.row for finding in found] == rows


@pytest.mark.parametrize(
    "comment",
    ["# ...", "# …", "# [...]", "# ... the forward pass", "# your model ...", "# rest of the loop", "# your code here"],
)
def test_a_comment_for_code_that_is_left_out_is_a_statement(comment: str) -> None:
    source = markdown(f"```python\nfor x in y:\n    {comment}\n    f(x)\n```\n")
    assert source.text == f"for x in y:\n    ...  {comment}\n    f(x)"


@pytest.mark.parametrize(
    "code",
    [
        "f(\n    x,\n    # ...\n)",
        "for x in y:\n    f(x)\n# ...\n    g(x)",
        "'''\n# ...\n'''",
        "# the other optimizer\nf(x)",
        "# looplint: ignore[LOOP201] ...\nf(x)",
    ],
)
def test_other_comments_stay(code: str) -> None:
    assert markdown(f"```python\n{code}\n```\n").text == code


@pytest.mark.parametrize(
    "page",
    [
        "def update(x):\n    # ...\n    loss = criterion(model(x))\n    loss.backward()\n    optimizer.step()",
        "for x, y in loader:\n    # ... forward pass and loss\n    loss.backward()\n    optimizer.step()",
        "for x, y in loader:\n    loss = criterion(model(x), y)\n    loss.backward()\n    ...\n    optimizer.step()",
        "for x, y in loader:\n    # same as before\n    optimizer.step()\n    scheduler.step()",
        "for x in loader:\n    model(x).sum().backward()\n    optimizer.step()\n    # ...",
    ],
)
def test_nothing_is_missing_where_code_is_left_out(page: str) -> None:
    assert check_source(f"# Page\n\n```python\n{page}\n```\n", "page.md", settings(preview=True)) == []


def page(*blocks: str) -> str:
    """A page that shows these blocks of Python."""
    return "\n".join(f"Text\n\n```python\n{block}\n```\n" for block in blocks)


def test_excerpts_of_one_loop_do_not_follow_on_each_other() -> None:
    """What the second one leaves out is no mistake of the first one."""
    first = "for x in loader:\n    optimizer.zero_grad()\n    model(x).sum().backward()\n    optimizer.step()"
    second = "for i, x in enumerate(loader):\n    model(x).sum().backward()\n    if (i + 1) % 4 == 0:\n"
    second += "        optimizer.step()\n        optimizer.zero_grad()"
    third = (
        "with torch.no_grad():\n    for x, y in val_loader:\n        right += (model(x).argmax(1) == y).sum().item()"
    )
    assert check_source(page(first, second, third), "page.md", settings(preview=True)) == []


def test_names_of_an_earlier_block_are_known() -> None:
    first = "model = torch.nn.Linear(3, 1)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)"
    second = "for x in loader:\n    loss = model(x).sum()\n    loss.backward()\n    optimizer.step()"
    found = check_source(page(f"import torch\n{first}", second), "page.md", settings(preview=True))
    assert [(f.code, f.location.row) for f in found] == [("LOOP201", 14)]


def test_a_method_shown_without_its_class_is_not_a_function_of_that_name() -> None:
    method = "def step(self, batch, index):\n    loss = self.net(batch).sum()\n    self.manual_backward(loss)"
    loop = "for i, x in enumerate(loader):\n    loss = step(x, i)\n    optimizer.zero_grad()\n    loss.backward()\n"
    assert check_source(page(method, f"{loop}    optimizer.step()"), "page.md", settings(preview=True)) == []


def test_what_stands_there_is_still_wrong() -> None:
    page = "for x, y in loader:\n    # ...\n    loss.backward()\n    optimizer.zero_grad()\n    optimizer.step()"
    found = check_source(f"```python\n{page}\n```\n", "page.md", settings(preview=True))
    assert [(f.code, f.location.row) for f in found] == [("LOOP202", 5)]


@pytest.mark.parametrize("made", ["SmallNetwork(64)", "SmallNetwork(width)", "SmallNetwork()"])
def test_an_unknown_class_is_made_where_it_is_called(made: str) -> None:
    page = f"network = {made}\nfor x in loader:\n    optimizer.zero_grad()\n    network.forward(x).sum().backward()\n"
    found = check_source(f"```python\n{page}    optimizer.step()\n```\n", "page.md", settings(preview=True))
    assert [(f.code, f.location.row) for f in found] == [("LOOP301", 5)]
