"""What a face brings to the host: its folder, its allow-listed environment, its provider's settings."""

from collections.abc import Mapping
from pathlib import Path

from vega_tui.core.config import SIMULATED_MODEL, Config, key_from
from vega_tui.core.environment import allowed_environment
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.core.secrecy import environment
from vega_tui.protocol.frames import PROTOCOL_VERSION
from vega_tui.protocol.operations import Hello, SessionDefaults


def provider_settings(config: Config, env: Mapping[str, str] | None = None) -> ProviderSettings:
    """Where the model is; empty, which means the simulated one, where nothing says or `simulated` is asked for."""
    env = environment() if env is None else env
    if config.model == SIMULATED_MODEL:
        return ProviderSettings()
    return ProviderSettings(
        api_key=key_from(env, config.api_key_env), base_url=config.base_url, prices=dict(config.prices)
    )


def hello_for(
    client: str,
    config: Config,
    cwd: Path,
    *,
    can_ask: bool = True,
    env: Mapping[str, str] | None = None,
) -> Hello:
    """The first frame of a face that works in `cwd` with the settings of `config`."""
    env = environment() if env is None else env
    return Hello(
        protocol=PROTOCOL_VERSION,
        client=client,
        cwd=str(cwd),
        env=allowed_environment(env),
        provider=provider_settings(config, env),
        defaults=SessionDefaults(
            model=config.model, mode=config.mode, budget_usd=config.budget_usd, max_turns=config.max_turns
        ),
        read_only=config.read_only,
        can_ask=can_ask,
    )
