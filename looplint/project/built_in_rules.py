"""The rules that ask nothing of the code: what is reported about comments, and about text that is not Python."""

from __future__ import annotations

from looplint.findings.suppress import UNUSED
from looplint.findings.syntax_error import SYNTAX_ERROR

BUILT_IN = (UNUSED, SYNTAX_ERROR)
BY_NAME_ONLY = frozenset((SYNTAX_ERROR.code,))
"""Rules that are on unless their own code or name is ignored."""
