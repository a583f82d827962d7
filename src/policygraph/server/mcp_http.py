"""Serve the tools of assistants over HTTP, by the Streamable HTTP transport, within the endpoint's limits.

https://modelcontextprotocol.io/specification/ (Transports)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from policygraph.server import responses
from policygraph.server.responses import ASGIApp, Receive, Refusal, Scope, Send

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

MCP = "/mcp"  # the path

_LOCAL = ("127.0.0.1", "localhost", "[::1]")


def streamable_http(server: Server[Any], base: str, body: Callable[..., Awaitable[bytes]]) -> ASGIApp:
    """The ASGI application of a server of the Model Context Protocol, which keeps nothing between requests.

    Args:
        server: its tools.
        base: the public URL.
        body: reads the body of a request within limits, or raises a `Refusal`.
    """
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    hosts = [urlsplit(base).netloc, *_LOCAL, *(f"{each}:*" for each in _LOCAL)]
    origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
    allowed: Any = {"allowed_hosts": hosts, "allowed_origins": origins}

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] != "POST":
                raise Refusal(405, "Assistants ask here by POST.", (b"allow", b"POST"))
            messages = [await body(responses.request_headers(scope), receive)]
        except Refusal as refusal:
            await responses.send_response(refusal.response, scope, send)
            return

        async def again() -> Any:
            return {"type": "http.request", "body": messages.pop()} if messages else await receive()

        # A page of another site may have its visitor's own browser ask what listens on this machine only.
        local = ip_address((scope.get("client") or _LOCAL)[0]).is_loopback
        checked = TransportSecuritySettings(enable_dns_rebinding_protection=local, **allowed)
        manager = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, security_settings=checked
        )
        async with manager.run():
            await manager.handle_request(scope, again, send)

    return respond
