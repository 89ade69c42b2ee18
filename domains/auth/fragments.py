"""SQL fragments over auth's tables that higher domains may join."""

from typing import Final

CONFIRMED_MAILBOXES: Final = "(select id, case when email_verified then mailbox_of(email) end as mailbox from users)"
"""Each user's `id` and the `mailbox` of their e-mail address; null while the address is not confirmed."""
SEARCHED_USERS: Final = "(select id, search_text from users)"
"""Each user's `id` and normalized text to search in: names, e-mail address and telephone number."""
