"""Where the data that ships with the program lies: inside the wheel, or in the checkout it runs from."""

from pathlib import Path


def asset_dir(name: str) -> Path:
    """Folder of shipped data (`themes`, `sessions`, `examples`). It need not exist in a broken install."""
    package = Path(__file__).resolve().parent.parent
    bundled = package / "_data" / name
    return bundled if bundled.is_dir() else package.parent / name
