"""uvicorn, set up for Guanxi: what it logs, whom it believes, how it stops."""

import socket

import uvicorn

from guanxi.web.asgi import Dispatcher
from guanxi.web.environment import Environment


class Server(uvicorn.Server):
    """Serves the dispatcher until told to stop; open event streams end at once, pages in work are finished."""

    def __init__(self, application: Dispatcher, environment: Environment) -> None:
        self.application = application
        super().__init__(
            uvicorn.Config(
                application,
                host=environment.host,
                port=environment.port,
                log_config=None,
                access_log=environment.log_level == "DEBUG",
                proxy_headers=environment.behind_proxy,
                forwarded_allow_ips="*" if environment.behind_proxy else None,
                server_header=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=20,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.application.events.listeners.close()  # a stream never ends by itself
        await super().shutdown(sockets)

    def stop(self) -> None:
        """The same from another thread, without a signal."""
        self.should_exit = True
