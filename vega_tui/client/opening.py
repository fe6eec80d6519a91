"""How a face asks for its session, from the settings in force."""

from vega_tui.core.config import Config
from vega_tui.core.words import Mode
from vega_tui.protocol.operations import SessionOpen


def opening(
    config: Config,
    *,
    session: str = "",
    latest: bool = False,
    name: str = "",
    ephemeral: bool = False,
    demo: bool = False,
) -> SessionOpen:
    """What to open. A session that goes on keeps its own settings, except those given as flags."""
    kept = bool(session) or latest

    def applies(setting: str) -> bool:
        return not kept or config.origins.get(setting) == "flag"

    mode: Mode | None = config.mode if applies("mode") else None
    return SessionOpen(
        session=session,
        latest=latest,
        name=name,
        model=config.model if applies("model") else "",
        mode=mode,
        budget_usd=config.budget_usd if applies("budget_usd") else None,
        max_turns=config.max_turns if applies("max_turns") else None,
        ephemeral=ephemeral,
        demo=demo,
    )
