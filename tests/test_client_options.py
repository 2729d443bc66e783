"""The settings of an editor, as its client sends them."""

from __future__ import annotations

from collections import namedtuple

import pytest

pytest.importorskip("lsprotocol", reason="the extra `server` is not installed")

from looplint.server.client_options import options_of


@pytest.mark.parametrize(
    ("sent", "options"),
    [
        ({"select": ["LOOP2"]}, {"select": ["LOOP2"]}),
        ({"looplint": {"preview": True}}, {"preview": True}),
        ({"preview": True, "trace": {"server": "verbose"}}, {"preview": True}),
        (namedtuple("Sent", "looplint")(namedtuple("Own", "ignore")(("LOOP1",))), {"ignore": ["LOOP1"]}),
        (None, {}),
        ([1], {}),
    ],
    ids=["at top level", "in a section", "for the client", "objects of the protocol", "nothing", "no settings"],
)
def test_settings_at_top_level_or_in_a_section(sent: object, options: dict[str, object]) -> None:
    assert options_of(sent) == options
