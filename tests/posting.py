"""A real mail server on this machine, for tests to send to; it keeps what it takes and can be told to misbehave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Office:
    """Whoever takes the mail."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[Envelope] = []
        self.refuses: dict[str, str] = {}
        """The answer to addresses that are not taken."""
        self.data: str = "250 OK"
        """The answer to a message."""
        self.slow = 0.0
        """Seconds between having a message and saying so."""
        self.silent = False
        """Whether it hangs up instead of saying so."""

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.taken.append(envelope)
        await asyncio.sleep(self.slow)
        if self.silent:
            assert server.transport is not None
            server.transport.close()
        return self.data

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, read as a mail program reads it."""
        found = [message_from_bytes(bytes(one.content or b""), policy=policy.default) for one in self.taken]
        return [one for one in found if isinstance(one, EmailMessage)]

    def text(self, place: int = -1) -> str:
        """The words of a message."""
        part = self.messages[place].get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


class Door(Controller):
    """Finds a free port by itself, and hangs up on everybody before it closes."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.callers: list[SMTP] = []
        super().__init__(*given, **named)

    def factory(self) -> SMTP:
        caller = super().factory()
        self.callers.append(caller)
        return caller

    def stop(self, no_assert: bool = False) -> None:
        # After a handshake that failed the connection below it is still there, and nobody else would close it.
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(5)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        for caller in self.callers:
            for transport in (caller.transport, caller._original_transport):
                if transport is not None:
                    transport.abort()
        await asyncio.sleep(0.05)

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def open_office(settings: Any, **how: Any) -> Iterator[Office]:
    """A mail server on a free port, and Guanxi set up to use it; `how` is for the server: `tls_context`, `authenticator` …"""
    office = Office()
    controller = Door(office, hostname="127.0.0.1", port=0, **how)
    controller.start()
    try:
        office.port = controller.port
        settings.MAIL_IS_SET_UP, settings.EMAIL_HOST, settings.EMAIL_PORT = True, "127.0.0.1", office.port
        settings.DEFAULT_FROM_EMAIL = "Harbour Trading <crm@harbour.example>"
        yield office
    finally:
        controller.stop()
