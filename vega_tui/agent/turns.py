"""How many turns a prompt may take, over all the processes that work for it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Turns:
    """Turns that one prompt has taken of its limit: those of its run, and of what the run starts or asks.

    above: of the prompt that this one works for; each turn here counts there too.
    """

    limit: int
    above: "Turns | None" = None
    taken: int = 0

    def take(self) -> bool:
        """Count a turn. False, and nothing counted, when the limit is reached here or above."""
        if self.full is not None:
            return False
        turns: Turns | None = self
        while turns is not None:
            turns.taken += 1
            turns = turns.above
        return True

    @property
    def full(self) -> "Turns | None":
        """The first that is used up, from here upwards."""
        turns: Turns | None = self
        while turns is not None and turns.taken < turns.limit:
            turns = turns.above
        return turns
