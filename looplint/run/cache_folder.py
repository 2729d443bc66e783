"""What lies in a folder of cached results, and how it is told from what somebody else put there."""

from __future__ import annotations

NAME = ".looplint_cache"
OWN = "looplint-"
"""How the folders begin in which results lie; whatever else is in a cache's folder is somebody else's."""
MARKS = {
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of looplint.\n",
    ".gitignore": "*\n",
}
"""Files that mark the folder as a cache, with their text."""
