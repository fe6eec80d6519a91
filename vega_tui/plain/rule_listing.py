"""What `rules list` prints for people. Pure."""

from collections.abc import Sequence
from typing import Final

from vega_tui.client import format as fmt
from vega_tui.plain.tables import Column, table
from vega_tui.protocol.operations import RuleRow

_COLUMNS: Final = (
    Column("ID"), Column("EFFECT"), Column("RULE"), Column("AGE", right=True), Column("FROM", yields=True),
    Column("COVERS", yields=True),
)  # fmt: skip


def rules(rows: Sequence[RuleRow], now: float, width: int | None) -> list[str]:
    """A table of rules and how each is taken back."""
    if not rows:
        return ["no rules hold here: what no mode allows asks; `always` on a card adds one"]
    lines = table(_COLUMNS, [_row(row, now) for row in rows], width)
    if any(row.grant for row in rows):
        lines.append("vega-tui rules revoke ID takes a remembered yes back")
    if any(not row.grant for row in rows):
        lines.append("those without an id stand in rules.yaml, yours or the project's .vega")
    return lines


def _row(row: RuleRow, now: float) -> list[str]:
    effect = "not applied" if row.refused else row.effect
    age = fmt.age(now - row.since) if row.since else fmt.NONE
    return [row.grant or fmt.NONE, effect, row.rule, age, row.origin or row.scope, row.refused or row.covers]
