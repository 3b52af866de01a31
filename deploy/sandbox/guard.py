"""Who may use what the sandbox serves: this machine, and a browser only from its own page; and what that may not do."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})  # this machine in a URL
STRANGER = "the sandbox can only be used from this machine, by its own page\n"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
JSON = "application/json"
CURLS_OWN = "application/x-www-form-urlencoded"  # what curl -d says of anything
OWN_FETCHES = frozenset({"same-origin", "none"})  # `none` is an address that the person typed


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for another machine, a name that merely leads here, or a foreign page; 415 for an order that is no JSON."""
    _check(request, request.content_type == JSON)
    return await handler(request)


@web.middleware
async def refuse_browsers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The same for what no page is made for; so tools may send JSON without saying so."""
    by_a_tool = request.content_type == CURLS_OWN and not _by_a_browser(request)
    _check(request, request.content_type == JSON or by_a_tool)
    return await handler(request)


@web.middleware
async def refuse_foreign_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for a browser that another page, or a name that merely leads here, has sent; bots may send what they like."""
    if not (_from_here(request) and _place(f"//{request.host}")[0] in LOOPBACK and _by_our_page(request)):
        raise web.HTTPForbidden(text=STRANGER)
    return await handler(request)


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """What every answer tells the browser, also a refusal."""
    response.headers.update(HEADERS)


def _check(request: web.Request, is_json: bool) -> None:
    if not (_from_here(request) and _to_here(request) and _by_our_page(request)):
        raise web.HTTPForbidden(text=STRANGER)
    if request.method == "POST" and not is_json:
        raise web.HTTPUnsupportedMediaType(text="send JSON, with Content-Type: application/json\n")


def _from_here(request: web.Request) -> bool:
    return request.remote in LOOPBACK


def _to_here(request: web.Request) -> bool:
    """The Host names this machine and our port: a foreign name that resolves to 127.0.0.1 does not."""
    sockname = request.transport.get_extra_info("sockname") if request.transport else None
    return sockname is not None and _place(f"//{request.host}") in {(name, sockname[1]) for name in LOOPBACK}


def _by_our_page(request: web.Request) -> bool:
    """Browsers tell the page that asks; other programs on this machine tell nothing."""
    origin, fetched_by = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    return origin in {None, f"http://{request.host}"} and fetched_by in OWN_FETCHES


def _by_a_browser(request: web.Request) -> bool:
    return "Origin" in request.headers or any(name.startswith("Sec-Fetch-") for name in request.headers)


def _place(url: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return None, None
    return (host, port) if parts.username is None else (None, None)
