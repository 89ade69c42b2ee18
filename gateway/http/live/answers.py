"""The answers of an operation of a live connection."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson
import structlog

from gateway import request_log
from gateway.api import GraphQLRequest
from gateway.graphql.core.errors import FAULT, RequestRefused, fault_message, render
from gateway.graphql.engine.shared import Answer
from gateway.live.hub import SubscriberTooSlow
from gateway.live.sessions import Session
from gateway.rate_limits.rate_limits import RateLimits

log = structlog.get_logger("gateway.http")


async def answers(
    session: Session, request: GraphQLRequest, limits: RateLimits | None, last_event_id: str | None, request_id: str
) -> AsyncGenerator[Answer]:
    """The answers of an operation; the last one has no data when the operation is refused or fails.

    Raises SubscriberTooSlow.
    """
    try:
        async with aclosing(session.operations(request, limits, last_event_id)) as results:
            async for answer in results:
                yield answer
    except SubscriberTooSlow:
        raise
    except RequestRefused as refused:
        yield refusal(refused, request_id)
    except Exception:
        log.exception("fault", request_id=request_id)
        request_log.record_error(FAULT)
        error = {"message": fault_message(request_id), "extensions": {"code": FAULT, "requestId": request_id}}
        yield Answer({"errors": [error]}, status=500)


def refusal(refused: RequestRefused, request_id: str) -> Answer:
    """The answer to an operation that is refused before it runs."""
    return Answer({"errors": [render(refused, request_id)]}, status=refused.status)


def is_refusal(answer: Answer) -> bool:
    """Whether an answer says that nothing of its operation ran, or that nothing more will."""
    return answer.stored is None and "data" not in answer.body


def result_of(answer: Answer) -> dict[str, Any] | orjson.Fragment:
    """The result that a message has; a stored one is not read again."""
    return answer.body if answer.stored is None else orjson.Fragment(answer.stored.body)
