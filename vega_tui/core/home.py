"""Where things are kept: $VEGA_HOME (default ~/.vega) and what is inside. Light: the launcher imports it."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from vega_tui.core.errors import UserError

_SOCKET_PATH_BYTES: Final = 100  # sun_path holds 108 on Linux, 104 on macOS
_held: Final[list[Path]] = []  # roots of the homes that a host in this process has


class Home:
    """Paths of one home. Makes nothing by itself; `ensure()` does."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or Path(os.environ.get("VEGA_HOME") or Path.home() / ".vega")).expanduser().absolute()

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.root / "vega.db"

    @property
    def config(self) -> Path:
        """The user's config.yaml."""
        return self.root / "config.yaml"

    @property
    def rules(self) -> Path:
        """The user's rules.yaml."""
        return self.root / "rules.yaml"

    @property
    def themes(self) -> Path:
        """The user's palettes."""
        return self.root / "themes"

    @property
    def run(self) -> Path:
        """Socket and lock, 0700."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        """Held by the one host of this home, for as long as it lives."""
        return self.run / "host.lock"

    @property
    def log(self) -> Path:
        """What the host says."""
        return self.root / "logs" / "host.log"

    @property
    def socket(self) -> Path:
        """Where the host listens; a short path of the same home's hash where the usual one is too long."""
        usual = self.run / "host.sock"
        if len(os.fsencode(usual)) <= _SOCKET_PATH_BYTES:
            return usual
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/tmp/vega-{os.getuid()}"
        return Path(runtime) / f"vega-{name}.sock"

    def ensure(self) -> None:
        """Make the home's folders. Raises UserError naming the folder that can't be made or written."""
        for folder, mode in (
            (self.root, 0o755),
            (self.run, 0o700),
            (self.log.parent, 0o700),
            (self.socket.parent, 0o700),
        ):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=mode)
            except OSError as error:
                raise UserError(
                    f"home {self.root}: can't make {folder} ({error.strerror}); set VEGA_HOME to a folder you can write"
                ) from error
        if not os.access(self.root, os.W_OK):
            raise UserError(f"home {self.root} can't be written; set VEGA_HOME to a folder you can write")
        self.run.chmod(0o700)

    def hold(self) -> None:
        """Let it count among `own_homes()`, until `let_go`."""
        _held.append(self.root)

    def let_go(self) -> None:
        """End a `hold`."""
        _held.remove(self.root)


def own_homes() -> tuple[str, ...]:
    """What paths in this program's homes start with: the one of the environment, and those its hosts were given."""
    roots = dict.fromkeys((Home().root, *_held))
    return tuple(_real_folder(str(root)) for root in roots)


@lru_cache(maxsize=64)
def _real_folder(path: str) -> str:
    return os.path.realpath(path).rstrip("/") + "/"
