"""Themes of this face: reading, wearing, and the tiny file that lets the launcher's first frame look the same."""

from collections.abc import Callable
from typing import Final

from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.tui.look import Look
from vega_tui.tui.paint.glyphs import glyphs
from vega_tui.tui.theme import DARK_SPEC, Palette, ThemeSpec, wants_no_color

_FIRST_FRAME: Final = (
    "background", "panel", "surface", "strong", "text", "muted", "faint", "accent", "accent_on", "line",
)  # fmt: skip

_KEPT: Final = frozenset({"background", "surface", "panel", "select", "chip", "line", "edge", "add_bg", "rem_bg"})


class Wardrobe:
    """The theme in use, and the others there are."""

    def __init__(self, home: Home, name: str, *, ascii_only: bool, complain: Callable[[str], None]) -> None:
        self._home = home
        self._ascii = ascii_only
        self.name = "dark"
        self.spec: ThemeSpec = DARK_SPEC
        if name and name != "dark":
            try:
                self.wear(name)
            except UserError as error:
                complain(str(error))
        elif (home.run / "skeleton").exists():
            self._keep_first_frame()

    @property
    def look(self) -> Look:
        """Palette and signs of the theme in use."""
        return Look(Palette(self.spec, no_color=wants_no_color()), glyphs(self._ascii))

    @property
    def faded(self) -> Look:
        """The same without colour: what is shown may no longer be true."""
        roles = {role: value if role in _KEPT else self.spec.roles["faint"] for role, value in self.spec.roles.items()}
        spec = ThemeSpec(self.spec.name, roles, self.spec.dark, self.spec.ansi)
        return Look(Palette(spec, no_color=wants_no_color()), glyphs(self._ascii))

    def names(self) -> tuple[str, ...]:
        """Every theme, those of the user among them."""
        from vega_tui.tui.theme_file import theme_files

        return tuple(theme_files(self._home.root))

    def wear(self, name: str) -> None:
        """Use a theme from now on. Raises UserError naming what is wrong with it."""
        from vega_tui.tui.theme_file import load_theme

        self.spec = load_theme(name, self._home.root)
        self.name = name
        self._keep_first_frame()

    def _keep_first_frame(self) -> None:
        lines = [f"{role} {self.spec.roles[role]}" for role in _FIRST_FRAME]
        try:
            (self._home.run / "skeleton").write_text("\n".join(lines) + "\n", encoding="utf-8")
        except OSError:
            pass  # only the first frame's colours are lost
