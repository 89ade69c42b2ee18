"""`commerce worker` ends with an error when a part of its work ends, so that it is started again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.commands import worker
from gateway.messaging.background import BackgroundWork
from gateway.settings import load


@asynccontextmanager
async def without_relay(*_: object) -> AsyncIterator[Any]:
    """A platform whose relay ends at once."""

    async def relay() -> None:
        return

    async with BackgroundWork({"relay": relay}) as background:
        yield SimpleNamespace(background=background)


def test_a_worker_whose_work_ends_exits_with_1_and_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], admin_url: str, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker, "running", without_relay)
    monkeypatch.setattr("gateway.logs.configure", lambda _level: None)
    settings = load({}, commerce_home=tmp_path, database_url=admin_url)
    assert worker.run(settings) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "relay ended. Restart this process."
