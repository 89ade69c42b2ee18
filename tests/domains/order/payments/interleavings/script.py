"""Random scripts: rounds of steps, some of them at once, with lost answers and crashes between two lines."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Final

ORDERS: Final = 2
ROUNDS: Final = 14
# How often each step is taken.
WEIGHTS: Final = {
    "pay": 6, "repeat": 2, "accept": 1, "mode": 1,
    "approve": 5, "return": 3, "refuse": 1, "refund at the provider": 2, "dispute": 1, "win": 1, "lose": 1,
    "capture": 3, "void": 2, "refund": 3, "cancel": 2, "ship": 1, "deliver": 1,
    "spend": 4, "issue": 1, "toggle": 1, "settle": 1,
    "webhook": 5, "process webhooks": 2, "look up": 1, "reconcile": 3, "expire": 1, "wait": 2,
}  # fmt: skip
CRASHES: Final = (
    "command.before_commit",
    "command.committed",
    "payment.abandoned",
    "payment.abandonment_sent",
    "payment.attempt_committed",
    "payment.capture_answered",
    "payment.capture_requested",
    "payment.provider_charged",
    "payment.outcome_recorded",
    "refund.requested",
    "refund.provider_refunded",
    "refund.recorded",
    "payment.webhook_received",
    "payment.webhook_fetched",
)


@dataclass(frozen=True)
class Step:
    """What somebody does to an order; `pick` chooses the payment, the instrument, the amount or the time."""

    kind: str
    order: int
    pick: int


@dataclass(frozen=True)
class Round:
    """Steps at once. The process dies at a fail-point, and the provider does not answer some requests."""

    steps: tuple[Step, ...]
    crash: str | None = None
    lost: int = 0


def random_script(random: Random) -> list[Round]:
    """A script that begins with a payment."""
    first = Round((Step("pay", 0, random.randrange(100)),), _crash(random))
    return [first, *(_round(random) for _ in range(ROUNDS))]


def _round(random: Random) -> Round:
    kinds = random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=random.choice((1, 1, 1, 2, 2, 3)))
    order = random.randrange(ORDERS)
    steps = tuple(Step(kind, order, random.randrange(100)) for kind in kinds)
    return Round(steps, _crash(random), random.choice((0, 0, 0, 0, 1, 2)))


def _crash(random: Random) -> str | None:
    return f"{random.choice(CRASHES)}:raise:{random.randint(1, 3)}" if random.random() < 0.25 else None


async def shrunk(script: list[Round], fails: Callable[[list[Round]], Awaitable[bool]]) -> list[Round]:
    """The script without the rounds, simultaneous steps, crashes and losses that its failure does not need."""
    position = len(script) - 1
    while position >= 0:
        for smaller in _smaller(script[position]):
            candidate = [*script[:position], *smaller, *script[position + 1 :]]
            if await fails(candidate):
                script = candidate
                break
        position -= 1
    return script


def _smaller(given: Round) -> list[list[Round]]:
    found: list[list[Round]] = [[]]
    if len(given.steps) > 1:
        found += [[Round((step,), given.crash, given.lost)] for step in given.steps]
        found.append([Round(given.steps[1:], given.crash, given.lost)])
    if given.crash or given.lost:
        found.append([Round(given.steps)])
    return found
