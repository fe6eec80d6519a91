"""`python -m vega_tui.llm.simulator --port N`: the simulated model alone, until interrupted."""

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path

from vega_tui.llm.simulator.scenario import load_scenario
from vega_tui.llm.simulator.server import SIMULATED_KEY, Simulator


async def _serve(port: int, words_per_s: float, scenario: Path | None) -> None:
    loaded = load_scenario(scenario) if scenario else None
    async with Simulator(port, words_per_s=words_per_s, scenario=loaded) as simulator:
        print(f"ANTHROPIC_BASE_URL={simulator.url} ANTHROPIC_API_KEY={SIMULATED_KEY}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="vega_tui.llm.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8788, help="0: any free one")
    parser.add_argument("--words-per-s", type=float, default=60.0, help="0: at once")
    parser.add_argument("--scenario", type=Path, help="a YAML file of scripted replies")
    args = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(args.port, args.words_per_s, args.scenario))


if __name__ == "__main__":
    main()
