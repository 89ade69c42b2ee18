"""The queue of mail: rows that commit with the change that caused them, and their delivery with retries."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import orjson
import structlog
from opentelemetry.trace import SpanKind

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.fail_points import reach
from domains.kernel.monitoring import traces
from domains.kernel.ports import DecryptionFailed
from domains.kernel.transactions import outbox
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.infra.encryption import Cipher
from gateway.infra.mail import Mail, MailDeferred, MailRefused, Transport
from gateway.messaging.backoff import backoff
from gateway.messaging.wake import Wake, wait_for_work
from gateway.monitoring.metrics import Metrics

log = structlog.get_logger("gateway.mail")
CONCURRENT: Final = 4
LEASE: Final = timedelta(minutes=5)  # longer than DELIVERY_SECONDS; after it another process tries
MIN_PAUSE: Final = timedelta(seconds=5)
MAX_PAUSE: Final = timedelta(hours=1)
ATTEMPTS: Final = 146  # about five days (RFC 5321 §4.5.4.1)
POLL_SECONDS: Final = 2.0
# A mail that is being delivered is leased by the time of its next attempt; `attempts` tells whose lease it is.
CLAIM: Final = """
update queued_mails set attempts = attempts + 1, next_attempt_at = $2
where id = (select id from queued_mails where next_attempt_at <= $1 and (key_id is null or key_id = any($3::text[]))
            order by next_attempt_at limit 1 for update skip locked)
returning id, content, attempts, created_at
"""
DELETE: Final = "delete from queued_mails where id = $1"
GIVE_UP: Final = "delete from queued_mails where id = $1 and attempts = $2"
DEFER: Final = "update queued_mails set next_attempt_at = $3 where id = $1 and attempts = $2"
SET_ASIDE: Final = """
update queued_mails set next_attempt_at = $3, key_id = $4, attempts = 0 where id = $1 and attempts = $2
"""
WAITING: Final = "select key_id, count(*) as mails, min(created_at) as oldest from queued_mails group by key_id"
MAIL_KEY: Final = b"queued mail of commerce"
UNKNOWN: Final = "unknown"  # the key of a mail that no key has decrypted; it is tried with others later


@dataclass(frozen=True, slots=True)
class WaitingMails:
    """The mails that wait to be delivered, apart from the `unreadable` ones, which no key decrypts.

    `under_older_keys` may need another key than the first; `missing_keys` are the ids of those that are not there.
    """

    readable: int
    oldest: datetime | None
    under_older_keys: int
    unreadable: int
    missing_keys: Sequence[str]


async def waiting_mails(source: Any, key_ids: Sequence[str]) -> WaitingMails:
    """What waits, read from a connection or a pool, for processes with these keys."""
    keys = await source.fetch(WAITING)
    readable = [key for key in keys if key["key_id"] in {None, *key_ids}]
    number, total = sum(key["mails"] for key in readable), sum(key["mails"] for key in keys)
    return WaitingMails(
        readable=number,
        oldest=min((key["oldest"] for key in readable), default=None),
        under_older_keys=sum(key["mails"] for key in readable if key["key_id"] not in key_ids[:1]),
        unreadable=total - number,
        missing_keys=sorted(key["key_id"] for key in keys if key not in readable),
    )


class MailQueue:
    """Queues mail, encrypted: a text may contain a code or a token."""

    def __init__(self, cipher: Cipher, wake: Wake) -> None:
        self._cipher = cipher
        self._wake = wake

    async def send(self, tx: Tx, *, to: str, subject: str, text: str) -> None:
        """Queue a plain-text mail; it is delivered after the transaction has committed. No statement of its own."""
        fields = {"to": to, "subject": subject, "text": text, traces.HEADER: traces.traceparent()}
        content = self._cipher.encrypt(orjson.dumps(fields))
        tx.defer(outbox.mail_insertion(content, self._cipher.key_ids[0], tx.clock.now()))
        tx.on_commit(self._wake.set)


class MailDelivery:
    """Delivers queued mail while the process runs; any number of processes may.

    A mail whose delivery was not recorded, because the process died, is delivered again.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        transport: Transport,
        cipher: Cipher,
        clock: Clock,
        wake: Wake,
        metrics: Metrics,
    ) -> None:
        self._pool = pool
        self._transport = transport
        self._cipher = cipher
        self._clock = clock
        self._wake = wake
        self._metrics = metrics

    @property
    def key_ids(self) -> Sequence[str]:
        """The ids of the keys whose mails this process delivers."""
        return self._cipher.key_ids

    async def run(self) -> None:
        """Deliver a few mails at a time until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENT):
                group.create_task(self._work())

    async def _work(self) -> None:
        """Deliver when woken, and every few seconds what other processes queued."""
        woken = asyncio.Event()
        self._wake.add(woken)
        while True:
            woken.clear()
            try:
                await self.deliver_due()
            except Exception:  # the mails stay in their table
                raise_if_cancelled()
                log.exception("the mail queue cannot be read")
            await wait_for_work(woken, POLL_SECONDS)

    async def deliver_due(self) -> int:
        """Try to deliver what is due, one mail after the other; return the number of attempts.

        A mail is claimed only when it is delivered at once: a slow server does not let the leases of others end.
        """
        attempts = 0
        while row := await self._claim():
            reach("mail.claimed")
            await self._deliver(row)
            attempts += 1
        return attempts

    async def _claim(self) -> Any:
        now = self._clock.now()
        return await self._pool.fetchrow(CLAIM, now, now + LEASE, [*self._cipher.key_ids, UNKNOWN])

    async def _deliver(self, row: Any) -> None:
        try:
            content = orjson.loads(self._cipher.decrypt(row["content"]))
            parent = content.pop(traces.HEADER, None)
            mail = Mail(id=str(row["id"]), created_at=row["created_at"], **content)
        except DecryptionFailed as error:
            await self._set_aside(row, error)
            return
        except (TypeError, orjson.JSONDecodeError) as error:  # queued by another version of the program
            log.exception("mail of an unknown form", mail_id=str(row["id"]))
            await self._defer(row, error)
            return
        with traces.entry(parent, "send mail", SpanKind.CLIENT, {"messaging.message.id": mail.id}):
            await self._transmit(row, mail)

    async def _transmit(self, row: Any, mail: Mail) -> None:
        try:
            await self._transport.deliver(mail)
        except MailRefused as error:
            await self._give_up(row, error)
        except MailDeferred as error:
            await self._defer(row, error)
        except Exception as error:
            raise_if_cancelled()
            log.exception("mail failed", mail_id=mail.id)
            await self._defer(row, error)
        else:
            reach("mail.sent")
            await self._pool.execute(DELETE, row["id"])
            recipient = self._cipher.pseudonym(mail.to)
            log.info("mail sent", mail_id=mail.id, subject=mail.subject, recipient=recipient)

    async def _defer(self, row: Any, error: Exception) -> None:
        traces.record_error(error)
        attempts: int = row["attempts"]
        if attempts >= ATTEMPTS:
            await self._give_up(row, error)
            return
        pause = timedelta(seconds=backoff(attempts - 1, MIN_PAUSE.total_seconds(), MAX_PAUSE.total_seconds()))
        await self._pool.execute(DEFER, row["id"], attempts, self._clock.now() + pause)
        log.warning("mail deferred", mail_id=str(row["id"]), attempt=attempts, reason=str(error))

    async def _set_aside(self, row: Any, error: DecryptionFailed) -> None:
        """Try a mail that no key decrypts again later, however often: another process may have its key."""
        await self._pool.execute(SET_ASIDE, row["id"], row["attempts"], self._clock.now() + MAX_PAUSE, UNKNOWN)
        log.error("mail not readable", mail_id=str(row["id"]), reason=str(error))

    async def _give_up(self, row: Any, error: Exception) -> None:
        traces.record_error(error)
        if await self._pool.execute(GIVE_UP, row["id"], row["attempts"]) != "DELETE 1":
            return  # another process delivers it
        self._metrics.mail_given_up.labels("refused" if isinstance(error, MailRefused) else "expired").inc()
        log.error("mail not delivered", mail_id=str(row["id"]), attempts=row["attempts"], reason=str(error))
