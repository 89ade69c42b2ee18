"""The guide of webhooks: its code verifies what is sent."""

import re
from typing import Any

from tests.architecture.test_budgets import ROOT
from tests.gateway.messaging.webhooks.receiver import Receiver
from tests.gateway.messaging.webhooks.samples import Webhooks


async def test_the_code_of_the_guide_verifies_a_message(webhooks: Webhooks, receiver: Receiver) -> None:
    issued, process = await webhooks.listen(receiver), webhooks.process()
    await webhooks.emit()
    await process.read_committed()
    await process.send_due()
    (request,) = receiver.requests
    guide = (ROOT / "docs/webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the code of the guide
    names["time"] = type("Time", (), {"time": staticmethod(lambda: webhooks.database.clock.now().timestamp())})
    is_valid, secret = names["is_valid"], issued.secret.reveal()
    assert is_valid(secret, request.headers, request.body)
    assert not is_valid(secret, request.headers, request.body + b" ")
    assert not is_valid(secret.replace("whsec_", "whsec_AAAA"), request.headers, request.body)
    names["time"] = type("Time", (), {"time": staticmethod(lambda: webhooks.database.clock.now().timestamp() + 301)})
    assert not is_valid(secret, request.headers, request.body)
