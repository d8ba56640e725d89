"""What happens to deals."""

from guanxi.record.events import Event


class DealMoved(Event):
    """A deal moved to another stage."""


class DealWon(Event):
    """A deal was won: its stage, its day of closing and its probability were set."""


class DealLost(Event):
    """A deal was lost, with the reason why."""


class DealReopened(Event):
    """A won or lost deal was taken up again."""
