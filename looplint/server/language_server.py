"""`looplint server`: the protocol's requests and notifications, over stdin and stdout."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys

from lsprotocol import types
from pygls.uris import to_fs_path

from looplint.project.catalog import rules_with
from looplint.project.selection import selectable
from looplint.rule import Rule
from looplint.run.workspace import Workspace
from looplint.server import actions, hover
from looplint.server.client_options import SECTION, options_of
from looplint.server.diagnostics import Places
from looplint.server.documents import Documents
from looplint.server.positions import Units
from looplint.server.session import Server, key
from looplint.server.worker import Answer, Worker
from looplint.sources import DEFAULT_EXTENSIONS

SWITCH = 0.0005
"""Seconds for which the worker may keep the interpreter while the client is to be answered: a tenth of Python's own
choice, which delays a message by 5 ms each time it changes hands."""

server = Server()


@server.feature(types.INITIALIZE)
def initialize(params: types.InitializeParams) -> None:
    encoding = server.workspace.position_encoding or "utf-16"
    folders = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
    server.folders = [path for uri in folders if (path := to_fs_path(uri))]
    server.documents = Documents(Units(str(getattr(encoding, "value", encoding))), (*server.folders, os.getcwd())[0])
    server.loop = asyncio.get_running_loop()
    server.initial_options = server.options = options_of(params.initialization_options)
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
    await server.renew_options(options_of(params.settings))


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
    given = {(d.code, key(d.range.start)): d for d in params.context.diagnostics if d.source == SECTION}

    answer = await server.ask(uri, lambda _, answer: answer)
    if answer is None:
        return []
    found = []
    places = Places(server.documents, answer)
    quick = actions.wanted(types.CodeActionKind.QuickFix.value, only)
    for finding in server.at(answer, uri, params.range) if quick else ():
        diagnostic = given.get((finding.code, key(places.location(finding).range.start)))
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


def run() -> int:
    """Serve one client over stdin and stdout until it shuts down."""
    # Syntax trees have hardly any cycles; the rest is collected at idle times.
    gc.disable()
    sys.setswitchinterval(SWITCH)
    logging.basicConfig(level=logging.ERROR)
    server.start_io()
    return 0
