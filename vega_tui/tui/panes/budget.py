"""The budget pane: the session's cap, what its children spent, and today."""

from vega_tui.core.ids import base_name
from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.meters import title_rule
from vega_tui.tui.panes.pane import Pane
from vega_tui.tui.panes.rows_paint import BudgetLine, budget_line


class BudgetPane(Pane, can_focus=True):
    """Meters; neutral until 85 %."""

    def __init__(self, face: Face) -> None:
        super().__init__(face, "budget")

    def wanted_rows(self) -> int:
        """Its height with all rows."""
        return 1 + (len(self._rows()) if self.face.views.budget.cap_usd or self._rows()[1:] else 2)

    def paint(self, width: int, height: int) -> list[Line]:
        budget = self.face.views.budget
        note = "caps pause, then ask" if budget.cap_usd else ""
        lines = [title_rule("Budget", width - 1, note=note, focused=self.has_focus, signs=self.look.signs)]
        if not budget.cap_usd and not budget.spent_usd:
            lines.append([("  ", ""), ("No cap.", "muted")])
            lines.append([("  ", ""), ("/budget 5.00", "text"), (" pauses this session at $5.00.", "faint")])
            return lines
        return [*lines, *(budget_line(row, width, signs=self.look.signs) for row in self._rows())]

    def _rows(self) -> list[BudgetLine]:
        budget = self.face.views.budget
        rows = [
            BudgetLine("session", budget.spent_usd, budget.held_usd, budget.cap_usd or 0.0, unpriced=budget.unpriced)
        ]
        dearest = sorted(budget.by_child.items(), key=lambda child: -child[1])[:4]
        rows += [BudgetLine(base_name(path), spent, part=True) for path, spent in dearest]
        if budget.today_usd:
            rows.append(BudgetLine("today", budget.today_usd, part=True))
        return rows
