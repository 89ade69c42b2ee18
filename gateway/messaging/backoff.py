"""Pauses between attempts: exponential backoff with jitter."""

import random
from typing import Final

MAX_DOUBLINGS: Final = 30  # without a bound, the power exceeds a float after some thousand attempts


def backoff(failures: int, shortest: float, longest: float) -> float:
    """The seconds to wait after so many earlier failures: `shortest`, doubled with each, and never above `longest`.

    Up to a quarter less at random, so that processes that failed together do not try again together.
    """
    pause = min(shortest * 2.0 ** min(failures, MAX_DOUBLINGS), longest)
    return pause * random.uniform(0.75, 1)  # noqa: S311 - jitter, no secret
