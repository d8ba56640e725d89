"""`/events`: what `events.py` publishes, as server-sent events, to every page a signed-in person has open.

One database connection a process listens; each open page is a small queue and a coroutine, not a thread.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

import orjson
import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest
from django.utils.module_loading import import_string

from guanxi.web.events import CHANGES, CHANNEL

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 25
# After this a browser connects anew, which asks again who it is: a person locked out stops hearing.
LONGEST_SECONDS = 15 * 60
# A page that does not read is let go; its browser connects anew.
LONGEST_QUEUE = 200
# Many writes to one entity within this time are one notice: an import would otherwise reload every open list.
QUIET_SECONDS = 1.0


class Listeners:
    """The open pages of this process, and the one database connection that feeds them."""

    def __init__(self) -> None:
        self._queues: dict[int, set[asyncio.Queue[bytes | None]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._changed: set[str] = set()
        self.closing = False

    def __len__(self) -> int:
        return sum(len(queues) for queues in self._queues.values())

    def start(self) -> None:
        self.closing = False
        self._task = asyncio.create_task(self._listen_for_ever())

    async def stop(self) -> None:
        self.close()
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def close(self) -> None:
        """End every stream: the process stops."""
        self.closing = True
        self._end_all()

    def open(self, user_id: int) -> asyncio.Queue[bytes | None]:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(LONGEST_QUEUE)
        self._queues[user_id].add(queue)
        return queue

    def leave(self, user_id: int, queue: asyncio.Queue[bytes | None]) -> None:
        self._queues[user_id].discard(queue)
        if not self._queues[user_id]:
            del self._queues[user_id]

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as lost:
                log.warning("Events: the database connection was lost (%s); trying again", lost)
            # What was missed meanwhile is unknown, so every page starts anew.
            self._end_all()
            await asyncio.sleep(2)

    async def _listen(self) -> None:
        parameters = connection.get_connection_params()
        for only_django in ("context", "cursor_factory"):
            parameters.pop(only_django, None)
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listening:
            await listening.execute(f'LISTEN "{CHANNEL}"')
            await listening.execute(f'LISTEN "{CHANGES}"')
            async for notice in listening.notifies():
                if notice.channel == CHANGES:
                    self._later(notice.payload)
                else:
                    self._deliver(**orjson.loads(notice.payload))

    def _later(self, entity: str) -> None:
        if entity not in self._changed:
            self._changed.add(entity)
            asyncio.get_running_loop().call_later(QUIET_SECONDS, self._tell_changed, entity)

    def _tell_changed(self, entity: str) -> None:
        self._changed.discard(entity)
        self._deliver(to=None, event="changed", data={"entity": entity})

    def _deliver(self, to: list[int] | None, event: str, data: object) -> None:
        message = b"event: %b\ndata: %b\n\n" % (event.encode(), orjson.dumps(data))
        for user_id in list(self._queues) if to is None else to:
            for queue in list(self._queues.get(user_id, ())):
                _put(queue, message)

    def _end_all(self) -> None:
        for queues in list(self._queues.values()):
            for queue in list(queues):
                _put(queue, None)


def _put(queue: asyncio.Queue[bytes | None], message: bytes | None) -> None:
    """Add to the queue; one that is full is emptied and ended."""
    if message is None or queue.full():
        while not queue.empty():
            queue.get_nowait()
        message = None
    queue.put_nowait(message)


class EventStream:
    """The ASGI application of `/events`."""

    def __init__(self) -> None:
        self.listeners = Listeners()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await _answer(send, 405, "Only GET")
        user_id = await sync_to_async(_signed_in, thread_sensitive=False)(_cookies(scope))
        if user_id is None:
            return await _answer(send, 401, "Sign in first")
        if self.listeners.closing:
            return await _answer(send, 503, "Stopping")
        queue = self.listeners.open(user_id)
        gone = asyncio.create_task(_disconnected(receive, queue))
        try:
            await self._stream(queue, send)
        finally:
            gone.cancel()
            self.listeners.leave(user_id, queue)

    async def _stream(self, queue: asyncio.Queue[bytes | None], send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        message: bytes | None = b"retry: 3000\n\n"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_SECONDS):
                while message is not None:
                    await send({"type": "http.response.body", "body": message, "more_body": True})
                    message = await _next(queue)
        await send({"type": "http.response.body", "body": b""})


async def _next(queue: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        return await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return b": still here\n\n"


async def _disconnected(receive: Receive, queue: asyncio.Queue[bytes | None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    _put(queue, None)


def _cookies(scope: Scope) -> dict[str, str]:
    found: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            with contextlib.suppress(CookieError):
                found.load(value.decode("latin-1"))
    return {name: morsel.value for name, morsel in found.items()}


def _signed_in(cookies: dict[str, str]) -> int | None:
    """The id of the active user whose session these cookies carry. Runs in a thread: it asks the database."""
    request = HttpRequest()
    session_store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request.session = session_store(cookies.get(settings.SESSION_COOKIE_NAME))
    try:
        user = get_user(request)
        return user.pk if user.is_authenticated and user.is_active else None
    finally:
        connection.close()


async def _answer(send: Send, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})
