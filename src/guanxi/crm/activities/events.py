"""What happens to activities."""

from guanxi.record.events import Event


class ActivityCompleted(Event):
    """A planned activity was done, with its result."""


class ActivityReopened(Event):
    """A done activity is planned again."""
