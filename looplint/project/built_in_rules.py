"""Rules that do not query the event graph: about suppression comments, and about syntax errors."""

from __future__ import annotations

from looplint.project.syntax_error import SYNTAX_ERROR
from looplint.project.unused_suppression import UNUSED

BUILT_IN = (UNUSED, SYNTAX_ERROR)
BY_NAME_ONLY = frozenset((SYNTAX_ERROR.code,))
"""Rules that are on unless their own code or name is ignored."""
