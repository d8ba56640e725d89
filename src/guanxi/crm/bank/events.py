"""What happens to lines of bank statements."""

from guanxi.record.events import Event


class BanklineDismissed(Event):
    """Money received that no customer owed was set aside, with the reason why."""

    undone_by = "take_up"


class BanklineReopened(Event):
    """A line that was set aside is to be matched again."""
