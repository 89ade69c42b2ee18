"""AccountService: address books, profiles and histories of the users of a company."""

from domains.account.address_book import AddressBook
from domains.account.buyer_history import BuyerHistory
from domains.account.profile import Profile
from domains.account.recently_viewed import RecentlyViewed
from domains.activity.service import ActivityService
from domains.auth.service import AuthService
from domains.kernel.clock import Clock


class AccountService:
    """The address book, profile, recently viewed products and buyer history of users, each a part of its own."""

    def __init__(self, auth: AuthService, activity: ActivityService, clock: Clock) -> None:
        self.addresses = AddressBook(auth)
        self.profile = Profile(auth)
        self.recently_viewed = RecentlyViewed(activity)
        self.buyer_history = BuyerHistory(clock)
