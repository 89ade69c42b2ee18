"""Push notifications to apps by Firebase Cloud Messaging, HTTP v1."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import jwt
import orjson

from domains.kernel.clock import Clock
from domains.kernel.values.secret import Secret
from domains.notification.channels import Gone, Outcome, PushMessage, Rejected, Retry, Sent
from gateway.providers.notifications.http import Answer, ProviderHttp, Unanswered

PROVIDER: Final = "FIREBASE"
FIREBASE_URL: Final = "https://fcm.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_LIFE: Final = timedelta(hours=1)
RENEWED_BEFORE: Final = timedelta(minutes=5)
MAX_DATA: Final = 4_000  # octets; FCM takes 4,096 with the names of the fields
# Error codes of FCM v1: the app was removed, or the token belongs to another project.
NO_DEVICE: Final = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account of a Firebase project, by its JSON file."""

    project_id: str
    client_email: str
    private_key: Secret = field(repr=False)
    token_uri: str

    @classmethod
    def read(cls, text: str) -> "ServiceAccount":
        """The account of a file's content. Raises ValueError."""
        try:
            given = orjson.loads(text)
            fields = [given[name] for name in ("project_id", "client_email", "private_key", "token_uri")]
        except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
            raise ValueError("must be the JSON of a service account's key, or the path of its file") from None
        if not all(isinstance(each, str) and each for each in fields):
            raise ValueError("must have project_id, client_email, private_key and token_uri")
        project_id, client_email, private_key, token_uri = fields
        return cls(project_id, client_email, Secret(private_key), token_uri)


class AccessTokens:
    """The access token of a service account (RFC 7523), renewed before it expires; one request at a time asks."""

    def __init__(self, account: ServiceAccount, http: ProviderHttp, clock: Clock) -> None:
        self._account = account
        self._http = http
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renewed_at: datetime | None = None

    async def get(self) -> str:
        """A token that is valid now. Raises Unanswered."""
        async with self._lock:
            now = self._clock.now()
            if self._token is None or self._renewed_at is None or now >= self._renewed_at:
                self._token, life = await self._issue(now)
                self._renewed_at = now + life - RENEWED_BEFORE
            return self._token

    def forget(self, token: str) -> None:
        """Let the next request ask for a token in place of one that was refused."""
        if self._token == token:
            self._token = None

    async def _issue(self, now: datetime) -> tuple[str, timedelta]:
        account = self._account
        claims = {
            "iss": account.client_email,
            "scope": SCOPE,
            "aud": account.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFE).timestamp()),
        }
        assertion = jwt.encode(claims, account.private_key.reveal(), algorithm="RS256")
        form = {"grant_type": GRANT, "assertion": assertion}
        answer = await self._http.exchange("POST", account.token_uri, data=form)
        token, seconds = answer.body.get("access_token"), answer.body.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not isinstance(seconds, int):
            raise Unanswered(f"no access token: HTTP {answer.status}")
        return token, timedelta(seconds=min(max(seconds, 0), 86_400))


class FirebaseChannel:
    """Sends push notifications to apps; on a device a second delivery replaces the first, by tag and collapse id."""

    def __init__(self, account: ServiceAccount, clock: Clock, url: str = FIREBASE_URL) -> None:
        self._http = ProviderHttp()
        self._tokens = AccessTokens(account, self._http, clock)
        self._url = f"{url}/v1/projects/{quote(account.project_id, safe='')}/messages:send"
        self._clock = clock

    async def send(self, message: PushMessage) -> Outcome:
        """Send a push notification; Gone when the app was removed."""
        body = {"message": message_of(message, self._clock.now())}
        if len(orjson.dumps(body)) > MAX_DATA:
            return Rejected(PROVIDER, f"the message is longer than {MAX_DATA} octets")
        try:
            token = await self._tokens.get()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            answer = await self._http.exchange("POST", self._url, headers=headers, content=orjson.dumps(body))
        except Unanswered as error:
            return Retry(PROVIDER, str(error))
        if answer.status == 401:
            self._tokens.forget(token)
        return _outcome(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def message_of(message: PushMessage, now: datetime) -> Mapping[str, Any]:
    """The `Message` of FCM v1 for a device."""
    data = {"id": str(message.id)} | ({"url": message.url} if message.url else {})
    expires_at = int((now + message.kept_for).timestamp())
    return {
        "token": message.address,
        "notification": {"title": message.title, "body": message.text},
        "data": data,
        "android": {
            "priority": "HIGH" if message.is_urgent else "NORMAL",
            "ttl": f"{int(message.kept_for.total_seconds())}s",
            "collapseKey": str(message.id),
            "notification": {"tag": str(message.id)},
        },
        "apns": {
            "headers": {
                "apns-priority": "10" if message.is_urgent else "5",
                "apns-expiration": str(expires_at),
                "apns-collapse-id": str(message.id),
            }
        },
    }


def _outcome(answer: Answer) -> Outcome:
    if answer.status == 200:
        name = answer.body.get("name")
        return Sent(PROVIDER, name if isinstance(name, str) else None)
    code = _code(answer)
    error = f"HTTP {answer.status}" + (f" {code}" if code else "")
    if code in NO_DEVICE:
        return Gone(PROVIDER, error)
    if answer.status == 400:
        return Rejected(PROVIDER, error)
    return Retry(PROVIDER, error, answer.retry_after)


def _code(answer: Answer) -> str | None:
    """The code of FCM, else of Google; never its text, which may have the token."""
    error = answer.body.get("error")
    if not isinstance(error, dict):
        return None
    details = error.get("details")
    codes = [each.get("errorCode") for each in details if isinstance(each, dict)] if isinstance(details, list) else []
    found = next((each for each in [*codes, error.get("status")] if isinstance(each, str)), None)
    return found if found is not None and found.replace("_", "").isalpha() and len(found) <= 40 else None
