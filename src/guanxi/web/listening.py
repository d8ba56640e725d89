"""The socket that web processes share. Apart from `server.py`, so that the supervisor need not load Django."""

import socket

from guanxi.web.command import RefusedError
from guanxi.web.environment import Environment


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket bound to the address and inheritable by child processes; OSError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    # asyncio does so by itself only where the socket names its protocol. Without, the second part of an answer waits for the
    # browser to acknowledge the first, which it puts off by 40 ms. Accepted connections inherit it.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def listen(settings: Environment) -> socket.socket:
    """The socket of GUANXI_HOST and GUANXI_PORT. RefusedError when it cannot be had."""
    try:
        return listening_socket(settings.host, settings.port)
    except OSError as failed:
        reason = failed.strerror or str(failed)
        raise RefusedError(f"cannot listen on {settings.host}:{settings.port} ({reason}): free it, or set GUANXI_PORT") from failed
