"""What happens to mails, told of by the activities that stand for them."""

from guanxi.record.events import Event


class MailQueued(Event):
    """A mail was written and waits to be handed to the mail server."""


class MailSent(Event):
    """The mail server took a mail; it says nothing of whether it was read."""


class MailFailed(Event):
    """A mail was not sent, and will not be tried again by itself; `delivery_note` says why."""


class MailOpened(Event):
    """The link in a mail was opened for the first time."""
