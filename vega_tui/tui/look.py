"""What a painter on the screen needs: a palette and a set of signs. One Look at a time, swapped whole."""

from dataclasses import dataclass, field

from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.theme import Palette


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Palette and signs; widgets compare it by identity to know that everything must be painted again."""

    palette: Palette = field(default_factory=Palette)
    signs: Glyphs = UNICODE
