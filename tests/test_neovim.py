"""The server in a real editor: Neovim without a screen, with the client that is built into it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_server import SAFE

SCRIPT = """
-- `vim.lsp.start` is there since 0.8; `vim.lsp.start_client` may go.
local function start(config)
  if vim.lsp.start then return assert(vim.lsp.start(config)) end
  assert(vim.lsp.buf_attach_client(0, assert(vim.lsp.start_client(config))))
end
local function wait(what, holds)
  if not vim.wait(60000, holds, 20) then
    io.stderr:write('never: ' .. what .. '\\n')
    vim.cmd('cquit 1')
  end
end
local function shown() return vim.diagnostic.get(0) end
vim.cmd('edit ' .. vim.fn.fnameescape(FILE))
start({
  name = 'looplint',
  cmd = { PYTHON, '-m', 'looplint', 'server' },
  root_dir = ROOT,
  workspace_folders = { { uri = vim.uri_from_fname(ROOT), name = ROOT } },
})
wait('two findings', function() return #shown() == 2 end)
for _, found in ipairs(shown()) do
  io.stdout:write(string.format('%d:%d %s %s\\n', found.lnum + 1, found.col + 1, found.source, found.code or
    found.user_data.lsp.code))
end
local function apply(only)
  local params = vim.lsp.util.make_range_params(0, 'utf-16')
  params.context = { diagnostics = {}, only = only }
  local lnum = shown()[1].lnum
  params.range = { start = { line = lnum, character = 8 }, ['end'] = { line = lnum, character = 20 } }
  for _, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 60000)) do
    assert(not answer.error, vim.inspect(answer.error))
    local action = answer.result[1]
    io.stdout:write(action.title .. '\\n')
    vim.lsp.util.apply_workspace_edit(action.edit, 'utf-16')
  end
end
apply({ 'quickfix' })
wait('one finding less', function() return #shown() == 1 end)
apply({ 'source.fixAll' })
wait('no finding', function() return #shown() == 0 end)
vim.cmd('write')
vim.cmd('quitall')
"""


@pytest.mark.skipif(shutil.which("nvim") is None, reason="nvim is not installed here (`apt-get install neovim`)")
def test_neovim_shows_the_findings_and_applies_the_fixes(tmp_path: Path) -> None:
    file = tmp_path / "evaluate.py"
    file.write_text(SAFE, encoding="utf-8")
    names = {"FILE": file, "ROOT": tmp_path, "PYTHON": sys.executable}
    script = "".join(f"local {name} = [[{value}]]\n" for name, value in names.items()) + SCRIPT
    (tmp_path / "drive.lua").write_text(script, encoding="utf-8")
    command = ["nvim", "--headless", "--clean", "-c", f"luafile {tmp_path / 'drive.lua'}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = done.stdout.splitlines()
    assert rows[:2] == ["6:15 looplint LOOP301", "7:15 looplint LOOP301"]
    assert [row.startswith("looplint: ") for row in rows[2:]] == [True, True]
    assert file.read_text(encoding="utf-8") == SAFE.replace(".forward(", "(")
