"""The progress of scanning folders, shown by the client if it supports that."""

from __future__ import annotations

import asyncio

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer


class ScanProgress:
    """Shows one scan after the other, each from its first report to the one that has all files."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._scans = 0
        self._done = self._total = self._percent = 0
        self._asking: asyncio.Task[None] | None = None
        self._token = ""

    def report(self, done: int, total: int) -> None:
        """So many of so many files have been linted."""
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        self._done, self._total = done, total
        if self._token:
            self._show()
        elif self._asking is None:
            self._scans += 1
            self._asking = asyncio.ensure_future(self._begin(f"looplint-scan-{self._scans}"))

    async def _begin(self, token: str) -> None:
        progress = self._server.work_done_progress
        try:
            await progress.create_async(token)
        except JsonRpcException:
            # The client refuses: this scan is not shown.
            if self._done >= self._total:
                self._asking = None
            return
        progress.begin(token, types.WorkDoneProgressBegin("looplint", message=f"{self._total} files", percentage=0))
        self._token, self._percent = token, 0
        self._show()

    def _show(self) -> None:
        progress = self._server.work_done_progress
        if self._done >= self._total:
            progress.end(self._token, types.WorkDoneProgressEnd(message=f"{self._total} files"))
            self._token, self._asking = "", None
        elif (percent := 100 * self._done // self._total) > self._percent:
            self._percent = percent
            message = f"{self._done} of {self._total} files"
            progress.report(self._token, types.WorkDoneProgressReport(message=message, percentage=percent))
