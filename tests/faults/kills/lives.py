"""Lives of processes: each is started, and killed at a random fail-point or after a random time."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress

from tests.faults.drain import pass_time
from tests.faults.processes import Process

LONGEST_LIFE = 4.0


async def live(process: Process, chance: random.Random, points: Sequence[str], most: int) -> None:
    """Start a process, and let it live until it reaches one of the points, or a random time has passed.

    It reaches the point at most so many times.
    """
    await process.start(f"{chance.choice(points)}:kill:{chance.randint(1, most)}")
    with suppress(TimeoutError):
        await process.ended(chance.uniform(0, LONGEST_LIFE))
    process.kill()


async def live_and_die(
    processes: Sequence[Process], chance: random.Random, points: Sequence[str], most: int, url: str
) -> None:
    """Let processes live at once, and the time pass after which others take over what they had begun."""
    await asyncio.gather(*(live(each, chance, points, most) for each in processes))
    await pass_time(url)
