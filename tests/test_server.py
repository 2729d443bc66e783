"""`looplint server`, end to end: a real client over stdio, as editors are."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client
from test_workspace import ENGINE, FILES, LOOP, MODEL

from looplint.server.session import Server
from looplint.server.worker import Listener, Worker

pytestmark = pytest.mark.asyncio
WITHOUT_CLEAR = ENGINE.replace("        clear(optimizer)\n", "")
SAFE = """\
from torch import nn


def evaluate(model: nn.Module, loader):
    for inputs in loader:
        print(model.forward(inputs))
        print(model.forward(inputs))
"""
PATIENCE = 60
"""Seconds after which a test gives up waiting; none of them measures time."""


class Editor:
    """A client with a folder open."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.versions: dict[str, int] = {}

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str | None = None) -> None:
        """Open a file as it is on the disk, or with a text that is not saved."""
        text = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        self.versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, name: str, *changes: str | tuple[types.Range, str]) -> None:
        """Replace the whole text, or a range of it."""
        self.versions[name] += 1
        events: list[types.TextDocumentContentChangeEvent] = [
            types.TextDocumentContentChangeWholeDocument(change)
            if isinstance(change, str)
            else types.TextDocumentContentChangePartial(change[0], change[1])
            for change in changes
        ]
        document = types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, events))

    def close(self, name: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def save(self, name: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what the server has said."""
        for _ in range(PATIENCE * 50):
            if holds():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"never; shown: {self.client.diagnostics}; said: {self.client.log_messages}")

    async def shows(self, name: str, *codes: str) -> Sequence[types.Diagnostic]:
        """Wait until a file has just these findings."""
        uri = name if ":" in name else self.uri(name)
        await self.until(lambda: uri in self.client.diagnostics and self.codes(uri) == list(codes))
        return self.client.diagnostics[uri]

    def codes(self, uri: str) -> list[object]:
        return [found.code for found in self.client.diagnostics[uri] if found.code]

    async def actions(
        self, name: str, where: types.Range, only: Sequence[str] | None = None
    ) -> dict[str, types.CodeAction]:
        uri = name if ":" in name else self.uri(name)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri),
            where,
            types.CodeActionContext(list(self.client.diagnostics.get(uri, ())), only=only),
        )
        found = await self.client.text_document_code_action_async(params)
        return {action.title: action for action in found or () if isinstance(action, types.CodeAction)}

    async def hover(self, name: str, line: int, character: int) -> str:
        document = types.TextDocumentIdentifier(self.uri(name))
        params = types.HoverParams(document, types.Position(line, character))
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found and isinstance(found.contents, types.MarkupContent) else ""


@asynccontextmanager
async def editor(
    folder: Path,
    *more: Path,
    spec: str = "visual_studio_code",
    options: object = None,
    encodings: Sequence[str] = (),
    configuration: dict[str, Any] | None = None,
) -> AsyncIterator[Editor]:
    """A client that has some folders open."""
    client = make_test_lsp_client()
    if configuration is not None:
        client.set_configuration(configuration, section="looplint")
    await client.start_io(sys.executable, "-m", "looplint", "server")
    abilities = client_capabilities(spec)
    if encodings:
        abilities.general = abilities.general or types.GeneralClientCapabilities()
        abilities.general.position_encodings = list(encodings)
    folders = [types.WorkspaceFolder(each.as_uri(), each.name) for each in (folder, *more)]
    params = types.InitializeParams(abilities, workspace_folders=folders, initialization_options=options)
    await client.initialize_session(params)
    yield Editor(client, folder)
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def line(row: int) -> types.Range:
    """The whole of a row, counted from 0."""
    return types.Range(types.Position(row, 0), types.Position(row, 200))


def applied(text: str, edits: Sequence[Any]) -> str:
    """A text after edits of whole lines."""
    rows = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: -edit.range.start.line):
        assert edit.range.start.character == edit.range.end.character == 0
        rows[edit.range.start.line : edit.range.end.line] = [edit.new_text]
    return "".join(rows)


def edits_of(action: types.CodeAction, uri: str) -> Sequence[Any]:
    assert action.edit is not None
    if action.edit.changes is not None:
        return action.edit.changes[uri]
    [change] = action.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit) and change.text_document.uri == uri
    return change.edits


async def test_findings_come_on_opening_and_typing_from_the_text_in_the_editor(project: Path) -> None:
    async with editor(project) as here:
        here.open("engine.py", WITHOUT_CLEAR)
        [found] = await here.shows("engine.py", "LOOP201")
        assert found.severity == types.DiagnosticSeverity.Error and found.source == "looplint"
        assert found.message.startswith("missing-zero-grad: ")
        assert found.code_description is not None
        assert found.code_description.href.endswith("/reference/pages/missing-zero-grad.md")
        assert [info.message[:2] for info in found.related_information or ()] == ["1.", "2.", "3."]
        assert {info.location.uri for info in found.related_information or ()} == {here.uri("engine.py")}
        here.type("engine.py", ENGINE)
        await here.shows("engine.py")
        row = ENGINE.splitlines().index("        clear(optimizer)")
        here.type("engine.py", (types.Range(types.Position(row, 0), types.Position(row + 1, 0)), ""))
        await here.shows("engine.py", "LOOP201")


async def test_an_edit_in_one_file_renews_the_findings_of_another_and_the_path_leads_there(project: Path) -> None:
    async with editor(project) as here:
        here.open("engine.py")
        here.open("model.py")
        await here.shows("engine.py")
        here.type("model.py", MODEL.replace("    optimizer.zero_grad()\n", "    pass\n"))
        await here.shows("engine.py", "LOOP201")
        here.type("model.py", MODEL)
        await here.shows("engine.py")
        # A file that nobody has opened, through one that calls it.
        here.open("loop.py", LOOP.replace("        optimizer.zero_grad()\n", ""))
        [found] = await here.shows("steps.py", "LOOP201")
        places = {Path(info.location.uri).name for info in found.related_information or ()}
        assert "steps.py" in places
        here.close("loop.py")
        await here.shows("steps.py")


async def test_while_a_statement_is_half_typed_the_findings_stay(project: Path) -> None:
    async with editor(project) as here:
        here.open("engine.py", WITHOUT_CLEAR)
        await here.shows("engine.py", "LOOP201")
        here.type("engine.py", WITHOUT_CLEAR + "\nprint(")
        uri = here.uri("engine.py")
        await here.until(lambda: set(here.codes(uri)) == {"LOOP201", "LOOP002"})
        here.type("engine.py", ENGINE)
        await here.shows("engine.py")


async def test_fixes_are_offered_safe_and_unsafe_and_ignoring(project: Path) -> None:
    (project / "safe.py").write_text(SAFE, encoding="utf-8")
    async with editor(project) as here:
        here.open("safe.py")
        first, _ = await here.shows("safe.py", "LOOP301", "LOOP301")
        found = await here.actions("safe.py", line(first.range.start.line))
        fix = next(action for action in found.values() if action.is_preferred)
        assert fix.kind == types.CodeActionKind.QuickFix and "unsafe" not in fix.title
        assert list(fix.diagnostics or ()) == [first]
        fixed = applied(SAFE, edits_of(fix, here.uri("safe.py")))
        assert fixed == SAFE.replace("model.forward(inputs)", "model(inputs)", 1)
        ignored = applied(SAFE, edits_of(found["looplint: ignore LOOP301 here"], here.uri("safe.py")))
        assert ignored.count("# looplint: ignore[LOOP301]") == 1
        here.type("safe.py", ignored)
        await here.shows("safe.py", "LOOP301")
        here.open("engine.py", WITHOUT_CLEAR)
        [error] = await here.shows("engine.py", "LOOP201")
        found = await here.actions("engine.py", error.range)
        unsafe = next(action for title, action in found.items() if "(unsafe" in title)
        assert not unsafe.is_preferred
        here.type("engine.py", applied(WITHOUT_CLEAR, edits_of(unsafe, here.uri("engine.py"))))
        await here.shows("engine.py")


@pytest.mark.parametrize("unsaved", [False, True])
async def test_a_fix_may_change_another_file(unsaved: bool, project: Path) -> None:
    model = MODEL.replace("self.layer(x)", "self.layer(x).softmax(dim=1)")
    text = model.replace("import nn", "import nn, optim") if unsaved else model
    (project / "model.py").write_text(model, encoding="utf-8")
    engine = ENGINE.replace("(loader, loss_fn)", "(loader, loss_fn=torch.nn.CrossEntropyLoss())")
    async with editor(project) as here:
        if unsaved:
            here.open("model.py", text)
        here.open("engine.py", engine)
        [found] = await here.shows("engine.py", "LOOP401")
        titles = await here.actions("engine.py", found.range)
        [fix] = [action for title, action in titles.items() if title.endswith(" in model.py (unsafe: read it first)")]
        assert applied(text, edits_of(fix, here.uri("model.py"))) == text.replace(".softmax(dim=1)", "")


@pytest.mark.parametrize("spec", ["visual_studio_code", "neovim", "emacs"])
async def test_everything_that_is_safe_is_fixed_at_once(spec: str, project: Path) -> None:
    (project / "safe.py").write_text(SAFE, encoding="utf-8")
    async with editor(project, spec=spec) as here:
        here.open("safe.py")
        await here.shows("safe.py", "LOOP301", "LOOP301")
        [action] = (await here.actions("safe.py", line(0), ["source.fixAll"])).values()
        assert action.kind == "source.fixAll.looplint"
        assert applied(SAFE, edits_of(action, here.uri("safe.py"))) == SAFE.replace(".forward(", "(")
        menu = await here.actions("safe.py", line(0))
        [action] = [action for action in menu.values() if action.kind == "source.fixAll.looplint"]
        if action.edit is None:
            action = await here.client.code_action_resolve_async(action)
        assert applied(SAFE, edits_of(action, here.uri("safe.py"))) == SAFE.replace(".forward(", "(")


async def test_hover_shows_the_page_of_the_rule_with_what_was_measured(project: Path) -> None:
    async with editor(project) as here:
        here.open("engine.py", WITHOUT_CLEAR)
        [found] = await here.shows("engine.py", "LOOP201")
        start = found.range.start
        text = await here.hover("engine.py", start.line, start.character + 1)
        assert text.count(found.message.partition(": ")[2].partition("\n")[0]) == 1 and "\n# " not in text
        assert "## Why is this bad?" in text and "looplint prove missing-zero-grad" in text
        assert "missing-zero-grad.svg" in text and "](file://" in text
        assert await here.hover("engine.py", 0, 0) == ""


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
async def test_columns_are_counted_as_the_client_counts_them(encoding: str, width: int, project: Path) -> None:
    text = SAFE.replace("print(model.forward(inputs))", 'print("\U0001f600", model.forward(inputs))')
    async with editor(project, encodings=[encoding]) as here:
        assert here.client.protocol is not None
        here.open("safe.py", text)
        first, second = await here.shows("safe.py", "LOOP301", "LOOP301")
        before = '        print("'
        assert first.range.start.character == len(before) + width + len('", ')
        # What is typed behind such a character arrives at the right place.
        row = second.range.start.line
        start = types.Position(row, second.range.start.character)
        end = types.Position(row, start.character + len("model.forward"))
        here.type("safe.py", (types.Range(start, end), "model"))
        await here.shows("safe.py", "LOOP301")


async def test_a_form_feed_ends_no_line(project: Path) -> None:
    text = SAFE.replace("\n\n\ndef", "\n\n\x0c\ndef")
    async with editor(project) as here:
        here.open("safe.py", text)
        first, _ = await here.shows("safe.py", "LOOP301", "LOOP301")
        assert first.range.start.line == 5
        here.type("safe.py", (types.Range(types.Position(5, 0), types.Position(6, 0)), ""))
        [left] = await here.shows("safe.py", "LOOP301")
        assert left.range.start.line == 5


async def test_a_notebook_is_one_program_over_its_cells(project: Path) -> None:
    imports, loop = WITHOUT_CLEAR.split("\n\n\n")
    cells = [("markdown", "# Training"), ("code", imports), ("code", loop)]
    addresses = [f"vscode-notebook-cell:{project}/book.ipynb#{index}" for index in range(3)]
    kinds = {"code": types.NotebookCellKind.Code, "markdown": types.NotebookCellKind.Markup}
    async with editor(project) as here:
        book = types.NotebookDocument(
            here.uri("book.ipynb"),
            "jupyter-notebook",
            1,
            [types.NotebookCell(kinds[kind], uri) for (kind, _), uri in zip(cells, addresses, strict=True)],
        )
        texts = [
            types.TextDocumentItem(uri, "python" if kind == "code" else "markdown", 1, text)
            for (kind, text), uri in zip(cells, addresses, strict=True)
        ]
        here.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(book, texts))
        [found] = await here.shows(addresses[2], "LOOP201")
        assert found.range.start.line == loop.splitlines().index("        loss.backward()")
        assert {info.location.uri for info in found.related_information or ()} == {addresses[2]}
        assert not here.client.diagnostics[addresses[1]]
        actions = await here.actions(addresses[2], found.range)
        fix = next(action for title, action in actions.items() if "(unsafe" in title)
        [edit] = edits_of(fix, addresses[2])
        content = types.NotebookDocumentCellContentChanges(
            types.VersionedTextDocumentIdentifier(2, addresses[2]),
            [types.TextDocumentContentChangePartial(edit.range, edit.new_text)],
        )
        change = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[content]))
        version = types.VersionedNotebookDocumentIdentifier(2, here.uri("book.ipynb"))
        here.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(version, change))
        await here.shows(addresses[2])


async def test_the_files_of_all_folders_are_linted_and_progress_is_shown(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "looplint.toml").write_text('ignore = ["LOOP201"]\n', encoding="utf-8")
    for folder in (project, other):
        (folder / "alone.py").write_text(WITHOUT_CLEAR.replace("from model", "from torchvision"), encoding="utf-8")
        (folder / "safe.py").write_text(SAFE, encoding="utf-8")
    (project / "looplint.toml").write_text('extend-exclude = ["other"]\n', encoding="utf-8")
    async with editor(project, other) as here:
        await here.shows("safe.py", "LOOP301", "LOOP301")
        await here.shows("other/safe.py", "LOOP301", "LOOP301")
        await here.until(lambda: here.uri("alone.py") in here.client.diagnostics)
        [reports] = here.client.progress_reports.values()
        await here.until(lambda: isinstance(reports[-1], types.WorkDoneProgressEnd))
        assert isinstance(reports[0], types.WorkDoneProgressBegin)
        assert here.uri("other/alone.py") not in here.client.diagnostics


async def test_a_folder_without_files_shows_no_progress(tmp_path: Path) -> None:
    async with editor(tmp_path) as here:
        here.open("unsaved.py", SAFE)
        await here.shows("unsaved.py", "LOOP301", "LOOP301")
        assert here.client.progress_reports == {}


async def test_a_scan_ends_though_all_of_its_files_are_opened_meanwhile(project: Path) -> None:
    for name in set(FILES) - {"engine.py", "model.py"}:
        (project / name).unlink()
    reports: list[tuple[int, int]] = []
    ended = threading.Event()

    def scanned(done: int, total: int) -> None:
        reports.append((done, total))
        if not done:
            worker.edit(str(project / "model.py"), MODEL.replace("    optimizer.zero_grad()\n", "    pass\n").encode())
        if done == total:
            ended.set()

    ignored: Callable[..., None] = lambda *_: None  # noqa: E731
    worker = Worker(Listener(ignored, scanned, ignored, ignored))
    worker.scan([str(project)])
    worker.start()
    assert await asyncio.to_thread(ended.wait, PATIENCE)
    worker.close()
    assert reports == [(0, 2), (1, 2), (2, 2)]


async def test_configuration_changes_hold_at_once(project: Path) -> None:
    async with editor(project, configuration={"ignore": ["LOOP301"]}) as here:
        here.open("engine.py", WITHOUT_CLEAR)
        here.open("safe.py", SAFE)
        await here.shows("engine.py", "LOOP201")
        await here.shows("safe.py")
        (project / "pyproject.toml").write_text('[tool.looplint]\nignore = ["LOOP201"]\n', encoding="utf-8")
        here.save("engine.py")
        await here.shows("engine.py")
        here.client.set_configuration({"ignore": []}, section="looplint")
        here.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        here.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams({"looplint": {"select": ["LOOP301"]}})
        )
        await here.shows("safe.py", "LOOP301", "LOOP301")


async def test_a_folder_may_have_settings_of_its_own(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "safe.py").write_text(SAFE, encoding="utf-8")
    async with editor(project, other, configuration={"ignore": []}) as here:
        here.open("safe.py", SAFE)
        here.open(str(other / "safe.py"), SAFE)
        await here.shows("safe.py", "LOOP301", "LOOP301")
        await here.shows(str(other / "safe.py"), "LOOP301", "LOOP301")
        here.client.set_configuration({"ignore": ["LOOP301"]}, section="looplint", scope_uri=other.as_uri())
        here.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await here.shows(str(other / "safe.py"))
        await here.shows("safe.py", "LOOP301", "LOOP301")
        here.client.set_configuration({"ignor": []}, section="looplint", scope_uri=other.as_uri())
        here.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await here.until(lambda: bool(here.client.messages))
        assert f"settings of the editor for {other}: unknown key `ignor`" in here.client.messages[0].message


async def test_settings_that_are_removed_hold_no_longer_and_those_for_the_client_are_its_own(project: Path) -> None:
    settings = {"ignore": ["LOOP301"], "trace": {"server": "verbose"}}
    async with editor(project, configuration=settings, options={"ignore": ["LOOP201"]}) as here:
        here.open("safe.py", SAFE)
        here.open("engine.py", WITHOUT_CLEAR)
        await here.shows("safe.py")
        await here.shows("engine.py", "LOOP201")
        here.client.set_configuration({}, section="looplint")
        here.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await here.shows("safe.py", "LOOP301", "LOOP301")
        await here.shows("engine.py")
        assert not here.client.messages
        here.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"looplint": {"ignor": []}}))
        await here.until(lambda: bool(here.client.messages))
        assert here.client.messages[0].message.startswith("looplint: settings of the editor: unknown key `ignor`")


async def test_a_mistake_in_the_configuration_is_reported_once_and_the_server_goes_on(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.looplint]\npreviw = true\n", encoding="utf-8")
    async with editor(project) as here:
        here.open("engine.py", WITHOUT_CLEAR)
        await here.until(lambda: bool(here.client.messages))
        assert "did you mean `preview`?" in here.client.messages[0].message
        (project / "pyproject.toml").write_text("[tool.looplint]\n", encoding="utf-8")
        here.save("engine.py")
        await here.shows("engine.py", "LOOP201")
        assert len(here.client.messages) == 1


async def test_what_changes_on_the_disk_is_noticed(project: Path) -> None:
    async with editor(project) as here:
        here.open("engine.py")
        await here.shows("engine.py")
        (project / "model.py").write_text(MODEL.replace("    optimizer.zero_grad()\n", "    pass\n"), encoding="utf-8")
        here.save("engine.py")
        await here.shows("engine.py", "LOOP201")
        (project / "new.py").write_text(SAFE, encoding="utf-8")
        made = types.FileEvent(here.uri("new.py"), types.FileChangeType.Created)
        here.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([made]))
        await here.shows("new.py", "LOOP301", "LOOP301")
        (project / "new.py").unlink()
        gone = types.FileEvent(here.uri("new.py"), types.FileChangeType.Deleted)
        here.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([gone]))
        await here.shows("new.py")


async def test_a_baseline_holds_in_the_editor_too(project: Path) -> None:
    (project / "safe.py").write_text(SAFE, encoding="utf-8")
    (project / "pyproject.toml").write_text('[tool.looplint]\nbaseline = "known.json"\n', encoding="utf-8")
    command = [sys.executable, "-m", "looplint", "--no-cache", "--write-baseline", "safe.py"]
    made = await asyncio.create_subprocess_exec(*command, cwd=project)
    assert await made.wait() == 0 and json.loads((project / "known.json").read_text(encoding="utf-8"))
    async with editor(project) as here:
        here.open("safe.py")
        await here.shows("safe.py")
        here.type("safe.py", SAFE + "        model.forward(inputs)\n")
        await here.shows("safe.py", "LOOP301")


async def test_a_request_that_fails_ends_itself_only(project: Path) -> None:
    pack = project / "house"
    pack.mkdir()
    (pack / "house_rule.py").write_text(
        "from looplint.rule import NOTE, rule\nfrom looplint.events import EventGraph\n\n\n"
        '@rule("HOUSE101", severity=NOTE)\ndef house_rule(loop: EventGraph):\n    """Fails."""\n'
        "    raise RuntimeError('on purpose')\n    yield\n",
        encoding="utf-8",
    )
    (project / "pyproject.toml").write_text('[tool.looplint]\nrule-packs = ["house"]\n', encoding="utf-8")
    async with editor(project) as here:
        here.open("engine.py", WITHOUT_CLEAR)
        await here.shows("engine.py", "LOOP201")
        await here.until(lambda: any("on purpose" in said.message for said in here.client.log_messages))
        unknown = types.TextDocumentIdentifier(here.uri("nowhere.py"))
        hover = await here.client.text_document_hover_async(types.HoverParams(unknown, types.Position(0, 0)))
        assert hover is None
        here.type("engine.py", ENGINE)
        await here.shows("engine.py")


async def test_futures_of_finished_notifications_are_dropped() -> None:
    server = Server()
    ignored: Callable[..., None] = lambda *_: None  # noqa: E731
    under_way: Future[None] = Future()
    for number in range(3):
        server.protocol._execute_handler(str(number), ignored, callback=ignored)
    server.protocol._request_futures["under way"] = under_way
    server.edited(None)
    assert server.protocol._request_futures == {"under way": under_way}


async def test_a_client_without_related_information_reads_the_path_in_the_message(project: Path) -> None:
    async with editor(project, spec="neovim@v0.7.0") as here:
        here.open("engine.py", WITHOUT_CLEAR)
        [found] = await here.shows("engine.py", "LOOP201")
        listed = found.related_information or found.message.count("\n1. line") == 1
        assert listed


async def test_text_without_a_file_is_linted(project: Path) -> None:
    async with editor(project) as here:
        item = types.TextDocumentItem("untitled:Untitled-1", "python", 1, SAFE)
        here.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await here.shows("untitled:Untitled-1", "LOOP301", "LOOP301")


async def test_clients_may_name_the_transport_and_the_server_ends_with_its_client() -> None:
    done = subprocess.run([sys.executable, "-m", "looplint", "server", "--stdio"], input=b"", timeout=PATIENCE)
    assert done.returncode == 0
