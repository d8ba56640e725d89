"""What happens to quotes."""

from guanxi.record.events import Event


class QuoteSent(Event):
    """A quote was sent: its lines, prices and rate stand from now on."""


class QuoteAccepted(Event):
    """A quote was accepted, by whom and when."""


class LineTaken(Event):
    """An optional line of a quote was taken by the customer, and counts from now on."""


class QuoteRejected(Event):
    """A quote was rejected, with the reason why."""


class QuoteReplaced(Event):
    """Another edition takes the place of a quote."""
