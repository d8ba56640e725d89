"""What happens to invoices."""

from guanxi.record.events import Event


class InvoiceIssued(Event):
    """An invoice was issued: from now on it counts as billed."""


class InvoiceVoided(Event):
    """An invoice was taken back, with the reason why."""
