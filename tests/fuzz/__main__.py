"""The shell law for as long as you like: `python -m tests.fuzz [SECONDS [SEED]]`. Ends with 1 where it found holes."""

import sys
import time

from tests.fuzz.bash_oracle import oracle
from tests.fuzz.shell_law import check, lines, minimised, settings

SHOWN = 12


def main() -> int:
    """Check random lines until the time is over, then say what was found."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    judges, end = settings(), time.monotonic() + seconds
    sys.stdout.write(f"seed {seed}, {seconds:.0f} s\n")
    with oracle() as bash:
        while time.monotonic() < end:
            check(lines(seed, 400), judges, bash)
            seed += 1
        for judge in judges:
            sys.stdout.write(
                f"{judge.name}: {judge.lines} lines, {judge.allowed} allowed, {judge.ran} of these ran programs, "
                f"{len(judge.holes)} holes\n"
            )
            for hole in judge.holes[:SHOWN]:
                sys.stdout.write(f"  {minimised(hole, judge, bash)!r}\n    from {hole!r}\n")
    return 1 if any(judge.holes for judge in judges) else 0


if __name__ == "__main__":
    sys.exit(main())
