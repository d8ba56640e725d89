"""What happens to leads."""

from guanxi.record.events import Event


class LeadMoved(Event):
    """A lead came to another status."""


class LeadQualified(Event):
    """A lead was found worth selling to."""


class LeadDisqualified(Event):
    """A lead was given up, with the reason why."""


class LeadReopened(Event):
    """A lead that was given up was taken up again."""


class LeadConverted(Event):
    """A lead became an account, a contact and, if wanted, a deal; the lead leads to them."""

    undone_by = "unconvert"


class LeadReverted(Event):
    """The conversion of a lead was undone."""
