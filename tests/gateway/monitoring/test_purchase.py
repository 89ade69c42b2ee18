"""A customer's way through a real server: its traces, its log lines, and no secret in either."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest

from gateway.bootstrap import wired
from gateway.settings import load
from tests.conditions import wait_until
from tests.databases import Server
from tests.faults.accounts import create_administrator
from tests.faults.processes import Processes
from tests.gateway.monitoring.collector import Collector, collecting
from tests.gateway.test_first_purchase import ADDRESS, CARD, CREATE, bought, fill, find, pay
from tests.gateway.test_first_visit import ADMIN, CUSTOMER, FIXTURES, PASSWORD, Visitor

WRONG, NEW = "not the horse you know", "a kettle for the queen"
TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
PAID: Final = "5f0c7a6e3b8d4c1290aabbccddeeff00"
REGISTER = """mutation ($email: String!, $password: String!) {
  register(input: {email: $email, password: $password, firstName: "Vera", lastName: "Field"}) {
    ticket errors { code } } }"""
VERIFY = """mutation ($email: String!, $ticket: String!, $code: String!) {
  emailVerify(input: {email: $email, ticket: $ticket, code: $code}) { auth { refreshToken } errors { code } } }"""
LOGIN = """mutation ($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) { auth { accessToken refreshToken } errors { code } } }"""
FORGET = "mutation ($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code } } }"
RESET = """mutation ($token: String!, $password: String!) {
  passwordReset(input: {token: $token, newPassword: $password}) { errors { code } } }"""
DECLINE = """mutation ($order: ID!, $card: CardInput!) {
  orderPay(input: {idempotencyKey: "declined", orderId: $order, card: $card}) { errors { code } } }"""
DECLINED: Final = CARD | {"number": "4000 0000 0000 0002"}

SECRETS: Final[dict[str, str]] = {
    "password": PASSWORD,
    "wrong password": WRONG,
    "new password": NEW,
    "card": str(CARD["number"]),
    "digits of the card": str(CARD["number"]).replace(" ", ""),
    "declined card": str(DECLINED["number"]),
    "address of the customer": CUSTOMER,
    "address of the administrator": ADMIN,
    "any address": "@example.com",
    "name": "Vera",
    "street": "Kiln Lane",
    "header": "Bearer ",
}


@dataclass(slots=True)
class Journey:
    """What a customer did, what the server wrote and sent about it, and what must not be in there."""

    collector: Collector
    secrets: dict[str, str] = field(default_factory=dict)
    log: str = ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def lines_of(self, event: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [line for line in self.lines if line["event"] == event]

    def found(self, text: str) -> list[str]:
        """The names of the secrets that a text contains; the digits of ids and times do not count as a code."""
        return [
            name
            for name, secret in self.secrets.items()
            if re.search(rf"(?<!\w){secret}(?!\w)" if secret.isdigit() else re.escape(secret), text)
        ]


async def mailed(home: Path, pattern: str) -> str:
    """What the pattern finds in the last mail to the customer that has it."""
    file = home / "outbox" / "mail.jsonl"
    found: list[str] = []

    def is_found() -> bool:
        mails = [orjson.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []
        found[:] = [
            match[0] for mail in mails if (match := re.search(pattern, mail["text"])) and mail["to"] == CUSTOMER
        ]
        return bool(found)

    await wait_until(is_found)
    return found[-1]


async def sign_up(visitor: Visitor, journey: Journey, home: Path) -> None:
    """Register, confirm the address after a wrong code, log in after a wrong password."""
    registered = await visitor.do(REGISTER, email=CUSTOMER, password=PASSWORD)
    code = await mailed(home, r"\b\d{6}\b")
    proof = {"email": CUSTOMER, "ticket": registered["ticket"]}
    wrong = "000000" if code != "000000" else "111111"
    refused = await visitor.ask(VERIFY, **proof, code=wrong)
    assert refused["emailVerify"]["errors"] == [{"code": "INVALID_CODE"}]
    verified = await visitor.do(VERIFY, **proof, code=code)
    refused = await visitor.ask(LOGIN, email=CUSTOMER, password=WRONG)
    assert refused["login"]["errors"] == [{"code": "INVALID_CREDENTIALS"}]
    journey.secrets |= {"code": code, "ticket": registered["ticket"], "verified": verified["auth"]["refreshToken"]}


async def reset_password(visitor: Visitor, journey: Journey, home: Path) -> None:
    """Set a new password by the mailed token, and log in with it."""
    await visitor.do(FORGET, email=CUSTOMER)
    token = await mailed(home, r"(?<![\w-])[\w-]{43}(?![\w-])")
    await visitor.do(RESET, token=token, password=NEW)
    auth = (await visitor.do(LOGIN, email=CUSTOMER, password=NEW))["auth"]
    visitor.token = auth["accessToken"]
    journey.secrets |= {"reset token": token, "access token": auth["accessToken"], "refresh": auth["refreshToken"]}


async def buy(visitor: Visitor, journey: Journey) -> str:
    """Order after a fault of the server, pay after a declined card; the product."""
    mug = await find(visitor, "stoneware-mug")
    await fill(visitor, mug, 2)
    headers = {"authorization": f"Bearer {visitor.token}"}
    body = {"query": CREATE, "variables": {"address": ADDRESS}}
    fault = (await visitor.client.post("/graphql", json=body, headers=headers)).json()
    assert fault["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    visitor.client.headers["traceparent"] = f"00-{TRACE}-b7ad6b7169203331-01"
    order = (await visitor.do(CREATE, address=ADDRESS))["order"]["id"]
    del visitor.client.headers["traceparent"]
    declined = await visitor.ask(DECLINE, order=order, card=DECLINED)
    assert [error["code"] for error in declined["orderPay"]["errors"]] == ["PAYMENT_DECLINED"]
    visitor.client.headers["traceparent"] = f"00-{PAID}-b7ad6b7169203331-01"
    assert (await pay(visitor, order))["status"] == "PAID"
    del visitor.client.headers["traceparent"]
    return str(mug["id"])


async def travel(client: httpx.AsyncClient, journey: Journey, home: Path) -> None:
    """The whole way, from the import of products to a verified review."""
    admin, visitor = Visitor(client), Visitor(client)
    await admin.log_in(ADMIN)
    journey.secrets["token of the administrator"] = admin.token
    for file in sorted(FIXTURES.glob("*.csv")):
        headers = {"authorization": f"Bearer {admin.token}", "content-type": "text/csv"}
        await client.post("/import/products", content=file.read_bytes(), headers=headers)
    await sign_up(visitor, journey, home)
    await reset_password(visitor, journey, home)
    product = await buy(visitor, journey)
    assert await bought(visitor, product)
    assert (await client.get("/export/orders.csv", headers={"authorization": "Bearer forged"})).status_code == 401


@pytest.fixture(scope="module")
async def journey(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Journey]:
    """What a real server writes and sends while a customer goes the whole way. All its work is slow: above 1 ms."""
    home = tmp_path_factory.mktemp("home")
    async with server.database(await server.template()) as url:
        async with wired(load({}, commerce_home=home, database_url=url), url) as platform:
            await create_administrator(platform)
        with collecting() as collector:
            made = Journey(collector, dict(SECRETS))
            processes = Processes(settings_of(url, home, collector), home)
            gateway = processes.gateway()
            try:
                await gateway.start("checkout.order_written:raise:1")
                async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
                    await travel(client, made, home)
                assert await gateway.stop() == 0
            finally:
                processes.close()
        made.log = "".join(file.read_text() for file in home.glob("gateway-*.log"))
        yield made


def settings_of(url: str, home: Path, collector: Collector) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "COMMERCE_HOME": str(home),
        "LOG_LEVEL": "debug",
        "SLOW_OPERATION": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_SERVICE_NAME": "shop",
    }


def test_what_a_mutation_causes_is_in_its_trace(journey: Journey) -> None:
    names = {span.name for span in journey.collector.spans if span.trace_id == PAID}
    assert {"mutation orderPay", "transaction", "process order.paid", "order.purchases"} <= names
    assert "INSERT inbox_entries" in names
    (request,) = [span for span in journey.collector.named("mutation orderPay") if span.trace_id == PAID]
    assert (request.parent_id, request.attributes["graphql.operation.type"]) == ("b7ad6b7169203331", "mutation")
    assert request.attributes["http.route"] == "/graphql"
    assert int(request.attributes["commerce.statements"]) > 5
    assert journey.collector.services >= {"shop"}


def test_mail_and_jobs_are_traced(journey: Journey) -> None:
    (reset,) = journey.collector.named("mutation passwordResetRequest")
    mails = {span.trace_id for span in journey.collector.named("send notification")}
    assert reset.trace_id in mails


def test_spans_of_a_trace_form_a_tree(journey: Journey) -> None:
    spans = [span for span in journey.collector.spans if span.trace_id == PAID]
    ids = {span.span_id for span in spans}
    assert [span.name for span in spans if span.parent_id not in ids] == ["mutation orderPay"]


def test_a_fault_is_a_failed_span_and_a_refusal_is_not(journey: Journey) -> None:
    (fault,) = [span for span in journey.collector.named("mutation orderCreate") if span.trace_id != TRACE]
    assert (fault.has_failed, fault.attributes["commerce.error_codes"]) == (True, "INTERNAL_ERROR")
    refused, _ = journey.collector.named("mutation emailVerify")
    assert (refused.has_failed, refused.attributes["commerce.error_codes"]) == (False, "INVALID_CODE")


def test_no_span_has_a_secret_or_an_input_value(journey: Journey) -> None:
    assert {span.name: found for span in journey.collector.spans if (found := journey.found(span.text))} == {}


def test_no_line_of_the_log_has_a_secret_or_an_input_value(journey: Journey) -> None:
    assert len(journey.lines_of("notification ended")) >= 2
    assert {line: found for line in journey.log.splitlines() if (found := journey.found(line))} == {}


def test_each_line_of_a_request_has_the_ids_of_request_actor_company_and_trace(journey: Journey) -> None:
    for event in ("request", "security", "fault", "slow operation"):
        lines = journey.lines_of(event)
        assert lines
        assert all(line["request_id"] and line["trace_id"] for line in lines)
        assert all({"user", "company"} <= line.keys() for line in lines)
    (fault,) = journey.lines_of("fault")
    assert fault["user"]
    assert fault["company"]
    assert "FailPointReached" in fault["exception"]


def test_each_line_of_a_handler_has_the_ids_of_event_actor_company_and_trace(journey: Journey) -> None:
    (line,) = [line for line in journey.lines_of("slow handler") if line["trace_id"] == PAID][:1]
    assert (line["handler"], line["topic"]) == ("order.purchases", "order.paid")
    assert all(line[name] for name in ("event_id", "company", "user", "milliseconds", "statements"))


def test_a_slow_operation_is_logged_with_its_cost_and_statements(journey: Journey) -> None:
    (line,) = [line for line in journey.lines_of("slow operation") if line["trace_id"] == PAID]
    assert (line["type"], line["fields"], line["level"]) == ("mutation", ["orderPay"], "warning")
    assert line["milliseconds"] > 1
    assert line["statements"] > 5
    assert line["cost"] >= 10


def test_the_log_consists_of_json_lines(journey: Journey) -> None:
    others = [line for line in journey.log.splitlines() if not line.startswith("{")]
    assert [line for line in others if not line.startswith(("Serving on", "Mail is", "Database"))] == []
