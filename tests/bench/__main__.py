"""Run every tests/bench/bench_*.py: `python -m tests.bench [name …]`. Each has a sync or async main()."""

import asyncio
import importlib
import inspect
import pkgutil
import sys

import tests.bench


def main(wanted: list[str]) -> None:
    """Run the benches whose names contain one of `wanted`, or all."""
    for module_info in sorted(pkgutil.iter_modules(tests.bench.__path__), key=lambda each: each.name):
        name = module_info.name.removeprefix("bench_")
        if name == module_info.name or (wanted and not any(part in name for part in wanted)):
            continue
        print(f"== {name}", flush=True)
        entry = importlib.import_module(f"tests.bench.{module_info.name}").main
        if inspect.iscoroutinefunction(entry):
            asyncio.run(entry())
        else:
            entry()


if __name__ == "__main__":
    main(sys.argv[1:])
