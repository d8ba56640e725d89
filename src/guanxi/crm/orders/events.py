"""What happens to orders."""

from guanxi.record.events import Event


class OrderConfirmed(Event):
    """An order was confirmed: its lines stand from now on."""


class OrderClosed(Event):
    """An order is over."""


class OrderCancelled(Event):
    """An order was cancelled, with the reason why."""


class OrderReopened(Event):
    """A closed or cancelled order was taken up again."""
