"""A simulated model behind a real HTTP server that speaks the Messages API; the demo, the default and the double."""

from vega_tui.llm.simulator.reply import Call, Fault, Reply
from vega_tui.llm.simulator.scenario import Scenario, load_scenario, make_scenario
from vega_tui.llm.simulator.server import MODELS, SIMULATED_KEY, Recorded, Simulator

__all__ = [
    "MODELS",
    "SIMULATED_KEY",
    "Call",
    "Fault",
    "Recorded",
    "Reply",
    "Scenario",
    "Simulator",
    "load_scenario",
    "make_scenario",
]
