"""Models: the provider over the SDK, retries, prices, and the simulated model. Importing this stays light."""

from typing import TYPE_CHECKING

import msgspec

from vega_tui.core.secrecy import without_userinfo

if TYPE_CHECKING:
    from vega_tui.llm.anthropic_provider import AnthropicProvider


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the model's server is and how to sign in. `repr` hides the key."""

    api_key: str = ""
    base_url: str = ""  # empty: the official server
    simulated: bool = False

    def __repr__(self) -> str:
        key, url = "set" if self.api_key else "none", without_userinfo(self.base_url)
        return f"ProviderSettings(api_key={key}, base_url={url!r}, simulated={self.simulated})"


def make_provider(settings: ProviderSettings) -> "AnthropicProvider":
    """The provider for these settings. Nothing is imported or connected yet; `warm()` does that ahead of need."""
    from vega_tui.llm.anthropic_provider import AnthropicProvider

    return AnthropicProvider(api_key=settings.api_key, base_url=settings.base_url or None, simulated=settings.simulated)
