"""What happens to expense claims."""

from guanxi.record.events import Event


class ClaimSubmitted(Event):
    """A claim was handed in: what it says stands until it is decided or withdrawn."""


class ClaimWithdrawn(Event):
    """A claim was taken back by who handed it in, to be changed."""


class ClaimApproved(Event):
    """A claim was approved by somebody else: from now on it counts as cost."""


class ClaimRejected(Event):
    """A claim was rejected, with the reason why."""


class ClaimPaid(Event):
    """An approved claim was paid back."""
