"""Run one web process."""

import socket

import click
from django.db import connection

from guanxi.access.rights import company
from guanxi.web.asgi import application
from guanxi.web.commands.migrate import require_tables
from guanxi.web.environment import environment
from guanxi.web.lifeline import follow_parent
from guanxi.web.listening import listen
from guanxi.web.server import Server
from guanxi.web.set_up import set_up_token


def register(cli: click.Group) -> None:
    cli.add_command(web)


@click.command()
@click.option("--listening", type=int, help="Handle of a socket to serve, inherited from the process that bound it.")
def web(listening: int | None) -> None:
    """Answer requests on GUANXI_HOST:GUANXI_PORT until SIGTERM or Ctrl-C. `guanxi serve` runs this and more."""
    follow_parent()
    require_tables()
    _offer_set_up()
    server = Server(application, environment())
    bound = listen(environment()) if listening is None else socket.socket(fileno=listening)
    if listening is None:
        click.echo(f"Guanxi's pages are at {environment().address}; background jobs need `guanxi worker`")
    server.run(sockets=[bound])


def _offer_set_up() -> None:
    """Have a token ready where there is no company yet; `guanxi serve` prints it with the address."""
    if company().pk is None:
        set_up_token()
    connection.close()
