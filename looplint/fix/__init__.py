"""Fixes: from a rule's actions to text edits, to the file, to a diff."""

from __future__ import annotations

from looplint.fix.edit import Edit, can_be_applied, edits
from looplint.fix.fix_file import FixResult, fix_bytes, fix_file
from looplint.fix.rewrite import rewrite
from looplint.fix.splice import Refused
from looplint.fix.unified_diff import diff

__all__ = ["Edit", "FixResult", "Refused", "can_be_applied", "diff", "edits", "fix_bytes", "fix_file", "rewrite"]
