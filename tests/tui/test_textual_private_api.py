import inspect

from textual import constants
from textual import screen as screen_module
from textual._compositor import Compositor
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

from vega_tui.tui.look import Look
from vega_tui.tui.widgets.painted import Painted


class Letter(Painted):
    painted = 0

    def paint_row(self, y: int) -> Strip:
        self.painted += 1
        return self.look.palette.strip([("a", "text")], self.size.width)


async def test_a_priority_paint_happens_before_the_screens_timer() -> None:
    widget = Letter()

    class Stage(App[None]):
        def compose(self) -> list[Letter]:
            return [widget]

    app = Stage()
    async with app.run_test(size=(20, 4)) as pilot:
        await pilot.pause()
        widget.painted = 0
        widget.refresh()
        widget.paint_now()  # nothing is awaited: the screen's timer had no turn
        assert widget.painted == 4
        await pilot.pause()
        assert widget.painted == 4


async def test_only_refreshed_rows_are_painted_again() -> None:
    widget = Letter()

    class Stage(App[None]):
        def compose(self) -> list[Letter]:
            return [widget]

    app = Stage()
    async with app.run_test(size=(20, 6)) as pilot:
        await pilot.pause()
        widget.painted = 0
        widget.refresh_rows(2, 3)
        await pilot.pause()
        widget.render_lines(Region(0, 0, 20, 6))
        assert widget.painted == 1
        widget.look = Look()
        widget.render_lines(Region(0, 0, 20, 6))
        assert widget.painted == 7


def test_the_private_calls_of_the_priority_paint_exist() -> None:
    assert callable(Compositor.update_widgets)
    source = inspect.getsource(screen_module)
    for name in ("_layout_required", "_batch_count", "update_widgets", "_compositor_refresh"):
        assert name in source, name
    assert constants.MAX_FPS > 0
