"""The documents that the tests of accounts send."""

ERRORS = "errors { __typename code message path ... on RateLimitedError { retryAfter } }"
USER = "id email firstName lastName phone isActive emailVerified pendingEmail role { code }"
AUTH = f"auth {{ accessToken refreshToken accessTokenExpiresAt sessionExpiresAt user {{ {USER} }} }}"
ADDRESS = "id type fullName addressLine1 addressLine2 city postalCode country phone isDefault"


def mutation(name: str, shown: str, input: str | None = None) -> str:
    """A mutation of one field with an input of the usual name."""
    kind = input or f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {shown} {ERRORS} }} }}"


REGISTER = mutation("register", f"mailSent ticket {AUTH}")
EMAIL_VERIFY = mutation("emailVerify", AUTH)
EMAIL_VERIFICATION_RESEND = mutation("emailVerificationResend", "mailSent")
LOGIN = mutation("login", AUTH)
REFRESH_TOKEN = mutation("refreshToken", AUTH)
LOGOUT = mutation("logout", "endedSessions", "LogoutInput")
SESSION_END = mutation("sessionEnd", "session { id isCurrent }")
SESSIONS_END_OTHERS = f"mutation {{ sessionsEndOthers {{ endedSessions {ERRORS} }} }}"
PASSWORD_RESET_REQUEST = mutation("passwordResetRequest", "mailSent")
PASSWORD_RESET = mutation("passwordReset", "passwordChanged")
PASSWORD_CHANGE = mutation("passwordChange", "passwordChanged endedSessions")
EMAIL_CHANGE_REQUEST = mutation("emailChangeRequest", "mailSent")
EMAIL_CHANGE_CONFIRM = mutation("emailChangeConfirm", f"user {{ {USER} }}")
PROFILE_UPDATE = mutation("profileUpdate", f"user {{ {USER} }}")
ADDRESS_CREATE = mutation("addressCreate", f"address {{ {ADDRESS} }}")
ADDRESS_UPDATE = mutation("addressUpdate", f"address {{ {ADDRESS} }}")
ADDRESS_DELETE = mutation("addressDelete", f"address {{ {ADDRESS} }}")
USER_INVITE = mutation("userInvite", f"user {{ {USER} }}")
USER_DISABLE = mutation("userDisable", f"user {{ {USER} }}")
USER_ENABLE = mutation("userEnable", f"user {{ {USER} }}")
USER_ROLE_ASSIGN = mutation("userRoleAssign", f"user {{ {USER} }}")
ME = f"{{ me {{ {USER} addresses {{ id }} }} }}"
SESSIONS = "{ sessions { nodes { id ipAddress userAgent isCurrent } totalCount } }"
ADDRESSES = f"query ($userId: UUID) {{ addresses(userId: $userId) {{ nodes {{ {ADDRESS} }} totalCount }} }}"
USERS = f"""
query ($filter: UserFilterInput, $search: String, $sortBy: UserSortInput, $first: Int, $after: String) {{
  users(filter: $filter, search: $search, sortBy: $sortBy, first: $first, after: $after) {{
    nodes {{ {USER} addresses {{ id }} }}
    pageInfo {{ hasNextPage endCursor }}
    totalCount
  }}
}}
"""
USER_BY_ID = f"query ($id: UUID!) {{ user(id: $id) {{ {USER} }} }}"
