from tests.host.conftest import face, home, host, simulator, work

__all__ = ["face", "home", "host", "simulator", "work"]
