"""The guides change the demo, so they have a database of their own."""

from tests.gateway.demo.conftest import client, demo, platform, url

__all__ = ["client", "demo", "platform", "url"]
