"""How a WebSocket ends: close codes of RFC 6455 and of `graphql-transport-ws`, each with its reason."""

from typing import Final, NamedTuple

MAX_REASON: Final = 123  # octets, RFC 6455 §5.5
MAX_SHOWN: Final = 80  # octets of an operation's id


class Closed(NamedTuple):
    """The code and the reason with which a WebSocket ends, as the client sees them."""

    code: int
    reason: str

    @classmethod
    def of(cls, code: int, reason: str) -> "Closed":
        """With a reason that is cut to the octets of a close frame."""
        return cls(code, _cut(reason, MAX_REASON))


# Codes of 4000 and above are those of the sub-protocol. A client of the npm package graphql-ws connects again after
# 1001, 1013, 4403 and 4408, and gives up after the others.
GONE: Final = Closed(1006, "The client has gone.")  # is not sent
STOPPING: Final = Closed(1001, "The server is stopping. Connect again.")
SLOW: Final = Closed(1013, "Events were not read in time. Connect again.")
FAULT: Final = Closed(1013, "Something went wrong on our side. Try again later.")
ACCOUNT_FULL: Final = Closed(1013, "Your account has too many open connections. Close some, or try again later.")
SESSION_ENDED: Final = Closed(4401, "The session has ended. Log in again.")
UNAUTHORIZED: Final = Closed(4401, "Unauthorized")
TOKEN_EXPIRED: Final = Closed(4403, "The access token has expired. Refresh it and connect again.")
WRONG_SUB_PROTOCOL: Final = Closed(4406, "Subprotocol not acceptable")
INIT_TIMEOUT: Final = Closed(4408, "Connection initialisation timeout")
SECOND_INIT: Final = Closed(4429, "Too many initialisation requests")


def malformed(reason: str) -> Closed:
    """For a message that the protocol does not have."""
    return Closed.of(4400, reason)


def forbidden(reason: str) -> Closed:
    """When the server does not accept what the client says of itself in `connection_init`."""
    return Closed.of(4403, reason)


def unavailable(reason: str) -> Closed:
    """When the server cannot accept a client now."""
    return Closed.of(1013, reason)


def duplicate(operation_id: str) -> Closed:
    """When an operation of this id is running."""
    return Closed.of(4409, f"Subscriber for {_cut(operation_id, MAX_SHOWN)} already exists")


def _cut(text: str, octets: int) -> str:
    return text.encode()[:octets].decode(errors="ignore")
