"""Routes whose answers are bounded in time, such as those of documents."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.http.settings import HttpSettings
from gateway.timeouts import within_time


def timed_route(path: str, answer: Callable[[Request], Awaitable[Response]], settings: HttpSettings) -> Route:
    """A route of GET requests, which are cancelled with 503 after the time that an operation may take."""

    async def answer_in_time(request: Request) -> Response:
        async with within_time(settings.execution_timeout):
            return await answer(request)

    return Route(path, answer_in_time, methods=["GET"])
