"""The version of looplint, in one place: packaging, `--version` and the cache key read it here."""

VERSION = "0.1.0"
