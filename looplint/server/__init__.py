"""The language server: looplint in editors, while code is typed. Needs the extra `looplint[server]`.

`language_server` speaks the protocol, `session` holds what one client has open and is shown, `worker` lints in its own
thread, `documents` holds the editor's texts; the other files convert findings to the protocol's types.
"""
