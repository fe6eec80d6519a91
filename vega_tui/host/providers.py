"""Model servers by their settings: one provider each, shared by the sessions that bring the same; one simulator."""

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Final

from vega_tui.core.assets import asset_dir
from vega_tui.core.ports import Provider
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.llm import make_provider
from vega_tui.llm.simulator import SIMULATED_KEY, Simulator, load_scenario

log: Final = logging.getLogger(__name__)


class Providers:
    """Makes each provider once. `aclose` ends them all, and the simulators."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._known: dict[tuple[str, str], Provider] = {}
        self._simulated: dict[str, Provider] = {}
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()

    def real(self, api_key: str, base_url: str) -> Provider:
        """The provider of a server; a server of one's own may need no key."""
        key = (api_key, base_url)
        if key not in self._known:
            self._known[key] = self._warm(make_provider(ProviderSettings(api_key=api_key, base_url=base_url)))
        return self._known[key]

    async def simulated(self, scenario: str = "") -> Provider:
        """The built-in model, started on first use; with a scenario, one that follows that script."""
        async with self._lock:
            if scenario not in self._simulated:
                script = load_scenario(asset_dir("sessions") / f"{scenario}.yaml") if scenario else None
                simulator = await self._stack.enter_async_context(Simulator(scenario=script))
                where = ProviderSettings(api_key=SIMULATED_KEY, base_url=simulator.url)
                made = make_provider(where, simulated=True)
                self._simulated[scenario] = self._warm(made)
            return self._simulated[scenario]

    def _warm(self, provider: Provider) -> Provider:
        """Let it import what its calls need meanwhile, so that the first call doesn't wait for that."""

        async def warm() -> None:
            try:
                await provider.warm()
            except Exception:  # whatever is wrong with it, the first call says so to a person
                log.exception("%r could not be warmed", provider)

        self._group.create_task(warm())
        return provider

    async def aclose(self) -> None:
        """Close every connection; idempotent."""
        for provider in (*self._known.values(), *self._simulated.values()):
            await provider.aclose()
        self._known.clear()
        self._simulated.clear()
        await self._stack.aclose()
