"""The JavaScript of the guide of webhooks, by which a receiver in Node verifies what is sent to it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import pytest

from domains.kernel.database import Database
from tests.architecture.test_budgets import ROOT
from tests.clients.toolchain import Workspace
from tests.gateway.messaging.webhooks.receiver import Receiver
from tests.gateway.messaging.webhooks.samples import Webhooks
from tests.ports import free_port

pytestmark = pytest.mark.clients
# With the secret, with another one, and with another body; then 299 and 301 seconds later, and as much earlier.
VERIFIED = [True, False, False, True, False, True, False]


@asynccontextmanager
async def listening(workspace: Workspace, port: int, secret: str) -> AsyncIterator[None]:
    """A receiver with the code of the guide."""
    (code,) = re.findall(r"```javascript\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.DOTALL)
    (workspace.folder / "guide.mjs").write_text(code)
    words = (workspace.node.node, "hook.mjs", str(port), secret)
    process = await asyncio.create_subprocess_exec(*words, cwd=workspace.folder, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"listening\n"
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_the_code_of_the_guide_verifies_messages(
    workspace: Workspace, database: Database, company: UUID, owner: Any
) -> None:
    await owner.execute("truncate webhook_endpoints cascade")
    webhooks, port = Webhooks(database, company, owner, owner), free_port()
    issued, process = await webhooks.listen(Receiver(port)), webhooks.process()
    rotated = await webhooks.run(lambda tx: webhooks.endpoints.rotate_secret(tx, issued.endpoint.id))
    for secret in (issued.secret, rotated.secret):
        async with listening(workspace, port, secret.reveal()):
            await webhooks.emit()
            await process.read_committed()
            assert await process.send_due() == 1
    answers = [(row["status"], orjson.loads(row["response"])) for row in await webhooks.rows()]
    assert answers == [("SUCCEEDED", VERIFIED)] * 2
