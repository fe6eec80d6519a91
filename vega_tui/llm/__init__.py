"""Models: the provider over the SDK, retries, prices, and the simulated model. Importing this stays light."""

from vega_tui.core.ports import Provider
from vega_tui.core.provider_settings import ProviderSettings


def make_provider(settings: ProviderSettings, *, simulated: bool = False) -> Provider:
    """The provider for these settings, of whatever kind. Nothing is connected yet; `warm()` does that ahead of need."""
    from vega_tui.llm.anthropic_provider import AnthropicProvider

    return AnthropicProvider(api_key=settings.api_key, base_url=settings.base_url or None, simulated=simulated)
