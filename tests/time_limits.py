"""The time that a test may take. One that hangs ends its process, shows where it hangs, and fails the run."""

import asyncio
import faulthandler
import gc
import os
import sys
import threading
import traceback
from collections.abc import AsyncGenerator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from types import FrameType
from typing import Any, Final, TextIO

import pytest
from pytest_timeout import Settings, is_debugging

from tests.faults.scale import FULL

LONG: Final = {"faults": 900, "clients": 600}  # seconds of a test with this marker
FULL_SECONDS: Final = 3_600  # of each of them at full size
END_SECONDS = 300  # for what follows the last test, in each process of a run
AWAITED: Final = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))


def limit(markers: AbstractSet[str], *, is_full: bool = FULL) -> int | None:
    """The seconds of a test with these markers; None for those of all others, which also the samples have."""
    if "sample" in markers and not is_full:
        return None
    seconds = max((LONG.get(marker, 0) for marker in markers), default=0)
    return (FULL_SECONDS if is_full else seconds) if seconds else None


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give the tests that are long on purpose more time."""
    for item in items:
        if seconds := limit({marker.name for marker in item.iter_markers()}):
            item.add_marker(pytest.mark.timeout(seconds))


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> bool:
    """End the process when the time is over: a task or thread that hangs cannot be relied on to end.

    In place of the library's own way, whose output xdist's workers do not show, and which shows no tasks.
    """
    timer = threading.Timer(settings.timeout, _expire, (item, settings.timeout))
    timer.daemon = True
    timer.start()
    item.cancel_timeout = timer.cancel  # type: ignore[attr-defined] # the library calls it
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """End the process with the stacks of its threads if it does not end by itself."""
    faulthandler.dump_traceback_later(END_SECONDS, exit=True, file=sys.__stderr__ or sys.stderr)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Fail the run when a process of tests has died, also when it died after its last test."""
    if error:
        node.config.pluginmanager.getplugin("session").testsfailed += 1


def _expire(item: pytest.Item, seconds: float) -> None:
    if is_debugging():
        return
    try:
        capture = item.config.pluginmanager.getplugin("capturemanager")
        capture.suspend_global_capture(in_=True)
        captured = capture.read_global_capture()
        _show(f"{item.nodeid} takes longer than {seconds:g} seconds", captured, sys.__stderr__ or sys.stderr)
    finally:
        os._exit(1)


def _show(title: str, captured: Sequence[str], file: TextIO) -> None:
    """Write what the test has written, and where each task and thread waits."""
    file.write(f"\n++++ {title}\n{''.join(captured)}")
    for each in gc.get_objects():
        if isinstance(each, asyncio.Task) and not each.done():
            file.write(f"---- task {each.get_name()}\n{''.join(_stack(each))}")
    file.flush()
    faulthandler.dump_traceback(file)


def _stack(task: "asyncio.Task[Any]") -> list[str]:
    frames = [(frame, frame.f_lineno) for frame in _frames(task.get_coro())]
    return traceback.StackSummary.extract(iter(frames)).format()


def _frames(awaited: object) -> Iterator[FrameType]:
    """The frames of a coroutine and of what it awaits, the outermost first."""
    while awaited is not None:
        frame, inner = next((pair for pair in AWAITED if hasattr(awaited, pair[0])), (None, None))
        if frame is None or inner is None:  # the step of an asynchronous generator knows it, and does not tell
            awaited = next((each for each in gc.get_referents(awaited) if isinstance(each, AsyncGenerator)), None)
            continue
        if (found := getattr(awaited, frame)) is not None:
            yield found
        awaited = getattr(awaited, inner)
