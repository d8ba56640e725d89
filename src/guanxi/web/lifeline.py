"""A child process that never outlives its parent, in whatever way the parent ends.

The parent keeps the writing end of a pipe that it never writes to; when it is gone, the reading end says so at once.
"""

import os
import signal
import threading
import time

VARIABLE = "GUANXI_LIFELINE"
SECONDS_TO_STOP = 25


def follow_parent() -> None:
    """Stop this process, gracefully first, when the parent that gave it a lifeline ends."""
    handle = os.environ.pop(VARIABLE, "")
    if handle:
        os.set_inheritable(int(handle), False)
        threading.Thread(target=_follow, args=(int(handle),), name="lifeline", daemon=True).start()


def _follow(handle: int) -> None:
    os.read(handle, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_STOP)
    os.kill(os.getpid(), signal.SIGKILL)
