"""The content of a cache folder, and how to tell it from other files."""

from __future__ import annotations

NAME = ".looplint_cache"
OWN = "looplint-"
"""Prefix of the folders that hold results; anything else in a cache folder is not ours."""
MARKS = {
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of looplint.\n",
    ".gitignore": "*\n",
}
"""Files that mark the folder as a cache, with their text."""
