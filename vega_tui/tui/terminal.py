"""The terminal behind the screen: its bell, title, mouse, and what is written to it past the panes."""

from contextlib import AbstractContextManager

from textual.app import App

from vega_tui.tui.handover import HandoverDriver


class Terminal:
    """One terminal; without a driver (before the start, after the end) it takes nothing."""

    def __init__(self, app: App[None]) -> None:
        self._app = app

    @property
    def focused(self) -> bool:
        """Whether its window has the focus, as far as it tells."""
        return self._app.app_focus

    def ring(self) -> None:
        """Its bell."""
        self._app.bell()

    def set_title(self, text: str) -> None:
        """The window's title."""
        if isinstance(driver := self._app._driver, HandoverDriver):
            driver.set_title(text)

    def use_mouse(self, wanted: bool) -> None:
        """Take the mouse, or leave it to the terminal for selecting."""
        if isinstance(driver := self._app._driver, HandoverDriver):
            driver.use_mouse(wanted)

    def write(self, text: str) -> None:
        """A sequence for the terminal itself."""
        if (driver := self._app._driver) is not None:
            driver.write(text)
            driver.flush()

    def suspended(self) -> AbstractContextManager[None]:
        """The terminal is another program's for as long as this lasts."""
        return self._app.suspend()
