"""The same random scenarios on Erlang's own supervisor and on ours: `python -m tests.otp_diff [COUNT [SEED]]`.

Needs erl and erlc (Debian: erlang-base). Real time passes on Erlang, so waits are rare, and long beside the period.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

from tests.fakes.virtual_loop import run_virtual
from tests.laws.otp_model import Node, Step
from tests.laws.run_ours import Ours
from tests.laws.scenarios import steps, tree
from vega_tui.runtime import System

WAIT_S = 2.2
"""OTP 25 counts the period in whole seconds: this is outside of a period of one for certain."""
HOW = {"shutdown_x": "{shutdown,x}"}


def scenario(seed: int) -> tuple[Node, list[Step]]:
    """One tree and its course; one in fifty has waits, and periods that they outlast."""
    random = Random(seed)
    root = tree(random)
    waits = seed % 50 == 0
    for node in root.walk():
        node.period = 1.0 if waits else 1000.0
    course = [step for step in steps(random, root, 20) if waits or step.kind != "wait"]
    for step in course:
        if step.kind == "wait":
            step.amount = WAIT_S
    return root, course


def node_term(node: Node) -> str:
    """The node as the Erlang side reads it."""
    below = ",".join(node_term(child) for child in node.children)
    significant = str(node.significant).lower()
    flags = f"{node.strategy or 'none'},{node.intensity},{int(node.period)},{node.auto}"
    return f"{{node,{node.id},{node.restart},{significant},{flags},[{below}]}}"


def step_term(step: Step, parents: dict[str, str]) -> str:
    """The step as the Erlang side reads it."""
    match step.kind:
        case "end":
            targets = ",".join(f"{{{worker},{HOW.get(how, how)}}}" for worker, how in step.targets)
            return f"{{stop,[{targets}]}}"
        case "fail":
            return f"{{fail,{step.id},{int(step.amount)}}}"
        case "wait":
            return f"{{wait,{int(step.amount * 1000)}}}"
        case kind:
            return f"{{{kind},{step.id},{parents[step.id]}}}"


def scenario_term(root: Node, course: list[Step]) -> str:
    """The scenario as the Erlang side reads it."""
    parents = {child.id: node.id for node in root.walk() for child in node.children}
    listed = ",".join(step_term(step, parents) for step in course)
    return f"{{{node_term(root)},[{listed}]}}.\n"


def on_erlang(scenarios: list[tuple[Node, list[Step]]]) -> dict[tuple[int, int], str]:
    """What Erlang did: a line for each scenario and step."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["erlc", "-o", folder, here / "otp_diff.erl"], check=True)
        terms = Path(folder) / "scenarios"
        terms.write_text("".join(scenario_term(*each) for each in scenarios))
        command = ["erl", "+S", "1:1", "-noshell", "-pa", folder, "-run", "otp_diff", "main", str(terms)]
        output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=3600).stdout
    lines: dict[tuple[int, int], str] = {}
    for line in output.splitlines():
        number, step, what = line.split(" ", 2)
        lines[int(number), int(step)] = what.strip().removeprefix("+root ")
    return lines


async def on_ours(root: Node, course: list[Step]) -> list[str]:
    """What ours did, in the same words."""
    async with System() as system:
        ours = Ours(system, root)
        found = [" ".join([*await ours.start(), "|", *ours.running()])]
        for step in course:
            found.append(" ".join([*await ours.step(step), "|", *ours.running()]))
        return found


def main(count: int, first_seed: int) -> int:
    """Print every difference and how many scenarios and steps agreed; 1 if any differed."""
    if shutil.which("erl") is None or shutil.which("erlc") is None:
        print("erl and erlc are needed: apt-get install erlang-base")
        return 2
    seeds = range(first_seed, first_seed + count)
    scenarios = [scenario(seed) for seed in seeds]
    theirs = on_erlang(scenarios)
    differing = compared = lively = 0
    for number, (seed, (root, course)) in enumerate(zip(seeds, scenarios, strict=True)):
        ours = run_virtual(on_ours(root, course))
        for index, line in enumerate(ours):
            compared += 1
            lively += not line.startswith("|")
            their_line = theirs.get((number, index))
            if line != their_line:
                differing += 1
                print(f"seed {seed} step {index}: {course[index - 1] if index else 'start'}")
                print(f"  OTP  {their_line}\n  ours {line}")
                break
    print(f"{count} scenarios, {compared} steps compared ({lively} with effects), {differing} scenarios differ")
    return 1 if differing else 0


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(numbers + [500, 1][len(numbers) :])[:2]))
