"""`looplint server`: the protocol's requests and notifications, over stdin and stdout."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from looplint.finding import Finding
from looplint.project.catalog import rules_with
from looplint.project.config import FILE_NAMES
from looplint.project.selection import selectable
from looplint.rule import Rule
from looplint.run.workspace import Workspace
from looplint.server import actions, hover
from looplint.server.diagnostics import Places, diagnostics
from looplint.server.documents import Documents
from looplint.server.positions import Units
from looplint.server.scan_progress import ScanProgress
from looplint.server.worker import Answer, Listener, Worker
from looplint.sources import DEFAULT_EXTENSIONS
from looplint.version import VERSION

SECTION = "looplint"

CLIENTS_OWN = ("trace",)
"""Keys in the section that are for the client: `looplint.trace.server` asks it for a log of all messages."""

SWITCH = 0.0005
"""Seconds for which the worker may keep the interpreter while the client is to be answered: a tenth of Python's own
choice, which delays a message by 5 ms each time it changes hands."""
T = TypeVar("T")

_CELLS = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithNotebook(
            notebook=types.NotebookDocumentFilterNotebookType(notebook_type="jupyter-notebook"),
            cells=[types.NotebookCellLanguage(language="python")],
        )
    ],
    save=True,
)


class Server(LanguageServer):
    """The open documents of a client, and the worker that lints them."""

    documents: Documents
    worker: Worker

    def __init__(self) -> None:
        super().__init__("looplint", VERSION, notebook_document_sync=_CELLS)
        self.folders: list[str] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.shown: dict[str, set[str]] = {}
        self.scan_progress = ScanProgress(self)
        self.initial_options: Mapping[str, Any] = {}
        self.options: Mapping[str, Any] = {}
        self.folder_options: Mapping[str, Mapping[str, Any]] = {}

    def report_server_error(self, error: Exception, source: type[PyglsError]) -> None:  # type: ignore[override]
        """An error in a notification; a failed request is answered with its own error."""
        if source is FeatureNotificationError:
            self.log(f"{type(error).__name__}: {error}", types.MessageType.Error)

    def forget_done(self) -> None:
        """Drop the futures of finished notifications, which pygls 2 keeps for ever: 1.4 KB for every letter."""
        futures = self.protocol._request_futures
        for number in [number for number, future in futures.items() if future.done()]:
            del futures[number]

    def log(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """A line for the client's log."""
        self.window_log_message(types.LogMessageParams(kind, message))

    # From the worker's thread

    def listener(self) -> Listener:
        """Forwards the worker's reports to the thread that speaks to the client."""

        def soon(handle: Callable[..., None]) -> Callable[..., None]:
            def forward_report(*arguments: object) -> None:
                if self.loop is not None and not self.loop.is_closed():
                    self.loop.call_soon_threadsafe(handle, *arguments)

            return forward_report

        return Listener(soon(self.publish), soon(self.scan_progress.report), soon(self.wrong), soon(self.failed))

    def publish(self, answer: Answer) -> None:
        """Show the findings of a file."""
        ability = self.client_capabilities.text_document
        of_diagnostics = ability.publish_diagnostics if ability else None
        found = diagnostics(
            self.documents,
            answer,
            related=bool(of_diagnostics and of_diagnostics.related_information),
            pages=bool(of_diagnostics and of_diagnostics.code_description_support),
        )
        gone = self.shown.get(answer.path, set()) - set(found)
        self.shown[answer.path] = set(found)
        for uri in (*found, *gone):
            document = self.documents.document(uri)
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, list(found.get(uri, ())), document.version if document else None)
            )

    def wrong(self, message: str) -> None:
        """Report a wrong configuration."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"looplint: {message}"))

    def failed(self, message: str) -> None:
        """Log an error."""
        self.log(f"looplint: {message}", types.MessageType.Error)

    # To the worker

    async def ask(self, uri: str, question: Callable[[Workspace, Answer], T]) -> T | None:
        """Call a function with a document whose findings are up to date; None for a document that is not linted."""
        document = self.documents.document(uri)
        if document is None:
            return None

        def answered(workspace: Workspace, answer: Answer | None) -> T | None:
            return None if answer is None else question(workspace, answer)

        return await asyncio.wrap_future(self.worker.ask(document.path, answered))

    def at(self, answer: Answer, uri: str, where: types.Range) -> list[Finding]:
        """The findings of a file that touch a range of one of its documents."""
        places = Places(self.documents, answer)
        found = []
        for finding in answer.findings:
            place = places.location(finding)
            if (
                place.uri == uri
                and _key(place.range.start) <= _key(where.end)
                and _key(where.start) <= _key(place.range.end)
            ):
                found.append(finding)
        return found

    def edited(self, path: str | None) -> None:
        """Lint the text in the editor."""
        self.forget_done()
        if path is not None:
            self.worker.edit(path, self.documents.content(path))

    def closed(self, path: str | None) -> None:
        """Lint the file on disk if it belongs to an open folder; otherwise clear its diagnostics."""
        if path is None:
            return
        for uri in self.shown.pop(path, ()):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        self.worker.edit(path, None)
        if not os.path.exists(path):
            self.worker.files_moved([path])

    async def watch(self) -> None:
        """Ask the client to report changed settings, and files that change outside the editor, if it supports that."""
        workspace = self.client_capabilities.workspace
        asked = []
        configured = workspace.did_change_configuration if workspace else None
        if configured and configured.dynamic_registration:
            asked.append(
                types.Registration(
                    "looplint-settings",
                    types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                    types.DidChangeConfigurationRegistrationOptions(SECTION),
                )
            )
        watched = workspace.did_change_watched_files if workspace else None
        if watched and watched.dynamic_registration:
            patterns = [*(f"**/*{suffix}" for suffix in DEFAULT_EXTENSIONS), *(f"**/{name}" for name in FILE_NAMES)]
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(p) for p in patterns])
            asked.append(types.Registration("looplint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        for one in asked:
            # If the client refuses, files are checked again on opening and saving.
            with contextlib.suppress(JsonRpcException):
                await self.client_register_capability_async(types.RegistrationParams([one]))

    async def renew_options(self, options: Mapping[str, Any]) -> None:
        """Use these settings of the editor, over its initialization options; without any, those that it has on request,
        also for each open folder, if it supports that."""
        workspace = self.client_capabilities.workspace
        apart: dict[str, Mapping[str, Any]] = {}
        if not options and workspace and workspace.configuration:
            folders = list(self.folders)
            items = [
                types.ConfigurationItem(scope_uri=scope, section=SECTION)
                for scope in (None, *map(from_fs_path, folders))
            ]
            found = await self.workspace_configuration_async(types.ConfigurationParams(items))
            options, *own = [_options(each) for each in found or [None]]
            apart = {f: {**self.initial_options, **o} for f, o in zip(folders, own, strict=False) if o != options}
        options = {**self.initial_options, **options}
        if (options, apart) != (self.options, self.folder_options):
            self.options, self.folder_options = options, apart
            self.worker.set_options(options, apart)


server = Server()


@server.feature(types.INITIALIZE)
def initialize(params: types.InitializeParams) -> None:
    encoding = server.workspace.position_encoding or "utf-16"
    folders = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
    server.folders = [path for uri in folders if (path := to_fs_path(uri))]
    server.documents = Documents(Units(str(getattr(encoding, "value", encoding))), (*server.folders, os.getcwd())[0])
    server.loop = asyncio.get_running_loop()
    server.initial_options = server.options = _options(params.initialization_options)
    server.worker = Worker(server.listener(), server.options)
    server.worker.start()


@server.feature(types.INITIALIZED)
async def initialized(params: types.InitializedParams) -> None:
    await server.renew_options({})
    server.worker.scan(server.folders)
    await server.watch()


@server.feature(types.SHUTDOWN)
def shutdown(*_: object) -> None:
    server.worker.close()


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def did_open(params: types.DidOpenTextDocumentParams) -> None:
    server.edited(server.documents.open(params.text_document))
    server.worker.recheck()


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def did_change(params: types.DidChangeTextDocumentParams) -> None:
    document = params.text_document
    server.edited(server.documents.change(document.uri, params.content_changes, document.version))


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def did_save(params: types.DidSaveTextDocumentParams) -> None:
    server.worker.recheck()


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def did_close(params: types.DidCloseTextDocumentParams) -> None:
    server.closed(server.documents.close(params.text_document.uri))


@server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
def notebook_did_open(params: types.DidOpenNotebookDocumentParams) -> None:
    server.edited(server.documents.open_notebook(params.notebook_document, params.cell_text_documents))


@server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
def notebook_did_change(params: types.DidChangeNotebookDocumentParams) -> None:
    server.edited(server.documents.change_notebook(params.notebook_document.uri, params.change))


@server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
def notebook_did_save(params: types.DidSaveNotebookDocumentParams) -> None:
    server.worker.recheck()


@server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
def notebook_did_close(params: types.DidCloseNotebookDocumentParams) -> None:
    server.closed(server.documents.close_notebook(params.notebook_document.uri))


@server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def watched_files(params: types.DidChangeWatchedFilesParams) -> None:
    moved = [change for change in params.changes if change.type != types.FileChangeType.Changed]
    if moved:
        server.worker.files_moved([server.documents.path(change.uri) for change in moved if _is_code(change.uri)])
    server.worker.recheck()


@server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
async def changed_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
    added = [path for folder in params.event.added if (path := to_fs_path(folder.uri))]
    removed = {path for folder in params.event.removed if (path := to_fs_path(folder.uri))}
    server.folders = [folder for folder in server.folders if folder not in removed] + added
    await server.renew_options({})
    server.worker.scan(added)


@server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
async def changed_configuration(params: types.DidChangeConfigurationParams) -> None:
    await server.renew_options(_options(params.settings))


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hovered(params: types.HoverParams) -> types.Hover | None:
    uri, place = params.text_document.uri, types.Range(params.position, params.position)

    def question(workspace: Workspace, answer: Answer) -> tuple[Answer, list[Rule]]:
        packs = workspace.settings(answer.path).rule_packs
        return answer, selectable(rules_with(packs)) if answer.findings else []

    answer, rules = await server.ask(uri, question) or (None, [])
    found = server.at(answer, uri, place) if answer else []
    if not found:
        return None
    text = hover.markdown(found, {rule.code: rule for rule in rules}, server.documents)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, actions.FIX_ALL],
        resolve_provider=True,
    ),
)
async def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    only = params.context.only and [str(getattr(kind, "value", kind)) for kind in params.context.only]
    given = {(d.code, _key(d.range.start)): d for d in params.context.diagnostics if d.source == SECTION}

    answer = await server.ask(uri, lambda _, answer: answer)
    if answer is None:
        return []
    found = []
    places = Places(server.documents, answer)
    quick = actions.wanted(types.CodeActionKind.QuickFix.value, only)
    for finding in server.at(answer, uri, params.range) if quick else ():
        diagnostic = given.get((finding.code, _key(places.location(finding).range.start)))
        # The client's next keystroke must not wait for it.
        elsewhere = (finding.fix.elsewhere if finding.fix else frozenset()) & server.documents.paths()
        texts = {path: server.documents.content(path) for path in elsewhere}
        for title, change, preferred in await asyncio.to_thread(actions.quick_fixes, answer, finding, texts):
            edit = actions.edit(server.documents, change, versions=_versions())
            if edit is not None:
                about = [diagnostic] if diagnostic else None
                found.append(types.CodeAction(title, types.CodeActionKind.QuickFix, about, preferred, edit=edit))
    fixes = [finding.fix for finding in answer.findings if finding.fix is not None and not finding.fix.elsewhere]
    safe = any(fix.applicability == "safe" for fix in fixes)
    if safe and actions.wanted(actions.FIX_ALL, only):
        action = types.CodeAction("looplint: fix everything that is safe to fix", actions.FIX_ALL, data=uri)
        # A client that asks for this kind only, as on saving, may not ask again for the edit.
        found.append(await resolve(action) if only or not _resolves() else action)
    return found


@server.feature(types.CODE_ACTION_RESOLVE)
async def resolve(action: types.CodeAction) -> types.CodeAction:
    if action.edit is None and isinstance(action.data, str):
        change = await server.ask(action.data, actions.all_fixes)
        action.edit = actions.edit(server.documents, change, versions=_versions()) if change else None
    return action


def _resolves() -> bool:
    """Whether the client requests the edit of an action once it is chosen."""
    ability = server.client_capabilities.text_document
    support = ability.code_action.resolve_support if ability and ability.code_action else None
    return bool(support and "edit" in support.properties)


def _versions() -> bool:
    workspace = server.client_capabilities.workspace
    return bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)


def _is_code(uri: str) -> bool:
    return os.path.splitext(uri)[1].lower() in DEFAULT_EXTENSIONS


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def _options(value: object) -> dict[str, Any]:
    """Keys of the configuration, at top level or under `looplint`."""
    value = _plain(value)
    inner = value.get(SECTION, value) if isinstance(value, Mapping) else None
    return {key: inner[key] for key in inner if key not in CLIENTS_OWN} if isinstance(inner, Mapping) else {}


def _plain(value: object) -> Any:
    """JSON as plain data: the protocol library may pass its own objects."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def run() -> int:
    """Serve one client over stdin and stdout until it shuts down."""
    # Syntax trees have hardly any cycles; the rest is collected at idle times.
    gc.disable()
    sys.setswitchinterval(SWITCH)
    logging.basicConfig(level=logging.ERROR)
    server.start_io()
    return 0
