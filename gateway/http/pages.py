"""The two HTML pages, the welcome page and GraphiQL, each with its Content-Security-Policy."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.http.negotiation import prefers_html
from gateway.http.requests import Headers
from gateway.http.responses import Header, Send, send_bytes, send_json

FOLDER: Final = Path(__file__).parent / "html"
HTML_UTF8: Final = b"text/html; charset=utf-8"
VARY: Final[Header] = (b"vary", b"accept")
CDN: Final = "https://unpkg.com"
# Exact versions with their digests (SRI), so that the CDN cannot change the files.
SCRIPTS: Final = {
    f"{CDN}/react@18.2.0/umd/react.production.min.js": (
        "sha384-tMH8h3BGESGckSAVGZ82T9n90ztNXxvdwvdM6UoR56cYcf+0iGXBliJ29D+wZ/x8"
    ),
    f"{CDN}/react-dom@18.2.0/umd/react-dom.production.min.js": (
        "sha384-bm7MnzvK++ykSwVJ2tynSE5TRdN+xL418osEVF2DE/L/gfWHj91J2Sphe582B1Bh"
    ),
    f"{CDN}/graphiql@3.8.3/graphiql.min.js": (
        "sha384-HbRVEFG0JGJZeAHCJ9Xm2+tpknBQ7QZmNlO/DgZtkZ0aJSypT96YYGRNod99l9Ie"
    ),
    f"{CDN}/@graphiql/plugin-explorer@1.0.2/dist/index.umd.js": (
        "sha384-2oonKe47vfHIZnmB6ZZ10vl7T0Y+qrHQF2cmNTaFDuPshpKqpUMGMc9jgj9MLDZ9"
    ),
}
STYLES: Final = {
    f"{CDN}/graphiql@3.8.3/graphiql.min.css": (
        "sha384-Mq3vbRBY71jfjQAt/DcjxUIYY33ksal4cgdRt9U/hNPvHBCaT2JfJ/PTRiPKf0aM"
    ),
    f"{CDN}/@graphiql/plugin-explorer@1.0.2/dist/style.css": (
        "sha384-5DFJlDPW2tSATRbM8kzoP1j194jexLswuNmClWoRr2Q0x7R68JIQzPHZ02Faktwi"
    ),
}
DENY_ALL: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Page:
    """A static page with its headers."""

    body: bytes
    policy: str

    async def send(self, send: Send, *headers: Header) -> None:
        """Answer with the page."""
        policy = (b"content-security-policy", self.policy.encode("ascii"))
        alone = (b"cross-origin-opener-policy", b"same-origin")
        await send_bytes(send, 200, self.body, HTML_UTF8, [policy, alone, *headers])


def graphiql() -> Page:
    """GraphiQL. Its scripts and styles are loaded from a CDN, which the page names."""
    style, script = _read("graphiql.css"), _read("graphiql.js")
    scripts = "\n".join(
        f'<script defer crossorigin src="{url}" integrity="{digest}"></script>' for url, digest in SCRIPTS.items()
    )
    styles = "\n".join(
        f'<link rel="stylesheet" crossorigin href="{url}" integrity="{digest}">' for url, digest in STYLES.items()
    )
    body = _render("graphiql.html", style=style, script=script, scripts=scripts, styles=styles, cdn=CDN)
    policy = (
        f"{DENY_ALL}; script-src {digest_of(script)} {' '.join(SCRIPTS)}; "
        f"style-src 'unsafe-inline' {' '.join(STYLES)}; "
        "img-src 'self' data:; font-src data:; connect-src 'self'"
    )
    return Page(body, policy)


class Welcome:
    """The welcome page at `/` with the main paths: HTML for a browser, JSON for other clients."""

    def __init__(self, *, has_graphiql: bool) -> None:
        self._data = {
            "name": "Commerce",
            "graphql": "/graphql",
            "graphiql": "/graphql" if has_graphiql else None,
            "health": "/healthz",
            "readiness": "/readyz",
        }
        graphiql_row = _read("welcome_graphiql.html") if has_graphiql else ""
        style = _read("welcome.css")
        body = _render("welcome.html", style=style, graphiql=graphiql_row)
        self._page = Page(body, f"{DENY_ALL}; style-src {digest_of(style)}; img-src data:")

    async def __call__(self, scope: Any, _receive: Any, send: Send) -> None:
        """Always 200."""
        if prefers_html(Headers.of(scope).get("accept")):
            await self._page.send(send, VARY)
        else:
            await send_json(send, 200, self._data, headers=[VARY])


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _render(name: str, **parts: str) -> bytes:
    text = _read(name)
    for part, value in parts.items():
        text = text.replace(f"<!--{part}-->", value)
    return text.encode()


def digest_of(inline: str) -> str:
    """The policy's source expression that allows exactly this inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode('ascii')}'"
