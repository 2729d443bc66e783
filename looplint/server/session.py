"""One client: its open documents, what it is shown, and the worker that lints for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

from looplint.finding import Finding
from looplint.project.config import FILE_NAMES
from looplint.run.workspace import Workspace
from looplint.server.client_options import SECTION, options_of
from looplint.server.diagnostics import Places, diagnostics
from looplint.server.documents import Documents
from looplint.server.scan_progress import ScanProgress
from looplint.server.worker import Answer, Listener, Worker
from looplint.sources import DEFAULT_EXTENSIONS
from looplint.version import VERSION

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
        """Forwards the worker's reports to the thread that communicates with the client."""

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
                and key(place.range.start) <= key(where.end)
                and key(where.start) <= key(place.range.end)
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
            options, *own = [options_of(each) for each in found or [None]]
            apart = {f: {**self.initial_options, **o} for f, o in zip(folders, own, strict=False) if o != options}
        options = {**self.initial_options, **options}
        if (options, apart) != (self.options, self.folder_options):
            self.options, self.folder_options = options, apart
            self.worker.set_options(options, apart)


def key(position: types.Position) -> tuple[int, int]:
    """A position as a pair that can be compared."""
    return position.line, position.character
