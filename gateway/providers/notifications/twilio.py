"""SMS by Twilio's Programmable Messaging."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

import phonenumbers

from domains.kernel.values.secret import Secret
from domains.notification.channels import Gone, Outcome, Rejected, Retry, Sent, TextMessage
from gateway.providers.notifications.http import Answer, ProviderHttp, Unanswered

PROVIDER: Final = "TWILIO"
TWILIO_URL: Final = "https://api.twilio.com"
MAX_TEXT: Final = 1_600  # characters, by Twilio's own bound
LISTED: Final = 100  # the latest messages to a number
CLOCK_SKEW: Final = timedelta(seconds=30)
# Codes of Twilio's error dictionary: not a number, no mobile number, and one that answered STOP.
NO_RECIPIENT: Final = frozenset({21211, 21214, 21217, 21610, 21614})
# A text that is missing, too long, or has letters that cannot be sent; a number that is out of reach for good.
BAD_MESSAGE: Final = frozenset({21602, 21605, 21612, 21617, 21619})
NOT_TAKEN: Final = frozenset({"failed", "undelivered", "canceled"})


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """An account and its sender: a number, a short code, a name, or the id of a messaging service (`MG…`)."""

    sid: str
    auth_token: Secret
    sender: str
    url: str = TWILIO_URL
    callback_url: str | None = field(default=None)
    """The origin of this installation, to which Twilio reports what became of a message; None for no reports."""


class TwilioChannel:
    """Sends text messages.

    Twilio has no idempotency keys. A message whose earlier attempt may have been taken is looked up there first, by
    number, text and time, and adopted when it is found, so that it is not sent twice.
    """

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._http = ProviderHttp()
        self._messages = f"{account.url}/2010-04-01/Accounts/{quote(account.sid, safe='')}/Messages.json"
        self._auth = (account.sid, account.auth_token.reveal())

    async def send(self, message: TextMessage) -> Outcome:
        """Send a text message.

        Only what Twilio says about the number or the text ends it. Other refusals, such as of the credentials, the
        sender or a country that is not enabled, can be corrected by the operator.
        """
        if not _is_number(message.to):
            return Rejected(PROVIDER, "the number is not in E.164")
        if not message.text.strip() or len(message.text) > MAX_TEXT:
            return Rejected(PROVIDER, f"the text is empty or longer than {MAX_TEXT} characters")
        try:
            if message.is_repeated and (taken := await self._find(message)) is not None:
                return taken
            answer = await self._http.exchange("POST", self._messages, data=self._form(message), auth=self._auth)
        except Unanswered as error:
            return Retry(PROVIDER, str(error))
        return _outcome(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _form(self, message: TextMessage) -> Mapping[str, str]:
        account = self._account
        sender = "MessagingServiceSid" if account.sender.startswith("MG") else "From"
        form = {"To": message.to, sender: account.sender, "Body": message.text}
        if account.callback_url is not None and message.company is not None:
            form["StatusCallback"] = callback_url(account.callback_url, message.company)
        return form

    async def _find(self, message: TextMessage) -> Outcome | None:
        """What became of an earlier attempt: Sent, None when Twilio has no such message. Raises Unanswered."""
        query = {"To": message.to, "PageSize": str(LISTED)}
        answer = await self._http.exchange("GET", self._messages, params=query, auth=self._auth)
        listed = answer.body.get("messages")
        if answer.status != 200 or not isinstance(listed, list):
            return Retry(PROVIDER, _error(answer), answer.retry_after)
        for each in listed:
            if isinstance(each, dict) and _is_same(each, message):
                return Sent(PROVIDER, str(each["sid"]), {"adopted": True})
        return None


def callback_url(origin: str, company: str) -> str:
    """The URL to which Twilio reports what became of a message of a company."""
    return f"{origin}/notifications/{quote(company, safe='')}/twilio"


def _is_number(text: str) -> bool:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return False
    is_e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == text
    return is_e164 and phonenumbers.is_possible_number(number)


def _is_same(listed: Mapping[str, Any], message: TextMessage) -> bool:
    """Whether a message at Twilio is an earlier attempt. Accounts on trial have words before the text."""
    texts = [listed.get(name) for name in ("sid", "to", "body", "status", "date_created")]
    if not all(isinstance(each, str) for each in texts):
        return False
    _, to, body, status, created = map(str, texts)
    is_text = to == message.to and body.strip().endswith(message.text.strip())
    return is_text and status not in NOT_TAKEN and _time(created) >= message.created_at - CLOCK_SKEW


def _time(text: str) -> datetime:
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def _outcome(answer: Answer) -> Outcome:
    sid, code = answer.body.get("sid"), answer.body.get("code")
    if 200 <= answer.status < 300:
        return Sent(PROVIDER, sid) if isinstance(sid, str) else Retry(PROVIDER, "an answer without the message's id")
    if answer.status == 400 and code in NO_RECIPIENT:
        return Gone(PROVIDER, _error(answer))
    if answer.status == 400 and code in BAD_MESSAGE:
        return Rejected(PROVIDER, _error(answer))
    return Retry(PROVIDER, _error(answer), answer.retry_after)


def _error(answer: Answer) -> str:
    """Status and code without Twilio's text, which has the number."""
    code = answer.body.get("code")
    return f"HTTP {answer.status}" + (f" {code}" if isinstance(code, int) else "")
