"""The language server: what editors show of looplint while code is typed. Needs the extra `looplint[server]`.

`language_server` speaks the protocol, `worker` lints in a thread of its own, `documents` knows what editors hold; the
other files turn findings into the protocol's terms.
"""
