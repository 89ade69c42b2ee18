"""A million random carts, each checked against the laws of quotes: `python -m tests.fuzz [COUNT] [SEED]`."""

import sys
import time
from random import SystemRandom

from tests.domains.pricing.quote_laws import case_of_seed, require_laws

MILLION = 1_000_000
REPORT_EVERY = 100_000


def main(count: int, seed: int) -> None:
    """Try so many carts; the seed makes the same ones again. A cart that breaks a law ends it, and is shown."""
    sys.stdout.write(f"{count} carts, seed {seed}\n")
    started, applied = time.monotonic(), 0
    for number in range(count):
        case = case_of_seed(seed + number)
        try:
            applied += bool(require_laws(case).adjustments)
        except Exception:
            sys.stdout.write(
                f"Cart {number} broke a law; again with: python -m tests.fuzz 1 {seed + number}\n{case}\n"
            )
            raise
        if (number + 1) % REPORT_EVERY == 0:
            sys.stdout.write(f"{number + 1} carts held, {time.monotonic() - started:.0f} s\n")
    sys.stdout.write(f"All held; {applied} of them under a promotion.\n")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(given[0] if given else MILLION, given[1] if len(given) > 1 else SystemRandom().randrange(2**40))
