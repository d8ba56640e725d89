"""The socket that web processes share."""

import socket

from guanxi.web.listening import listening_socket


def test_answers_are_not_held_back_until_the_last_part_is_acknowledged() -> None:
    with listening_socket("127.0.0.1", 0) as bound:
        bound.listen()
        with socket.create_connection(bound.getsockname()), bound.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
