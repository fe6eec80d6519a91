"""Where a model's server is and how to sign in."""

import msgspec

from vega_tui.core.secrecy import without_userinfo


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a face's sessions find their model. The key stays in the host's memory, never in a log or event."""

    api_key: str = ""
    base_url: str = ""
    prices: dict[str, dict[str, float]] = {}  # the user's own, USD per million tokens

    def __repr__(self) -> str:
        key, url = "set" if self.api_key else "unset", without_userinfo(self.base_url)
        return f"ProviderSettings(api_key={key}, base_url={url!r})"

    @property
    def simulated(self) -> bool:
        """True when nothing says where a model is, so the built-in one answers."""
        return not self.api_key and not self.base_url
