"""What happens to contracts."""

from guanxi.record.events import Event


class ContractSigned(Event):
    """A contract was signed: what was agreed stands from now on."""


class ContractRenewed(Event):
    """A contract goes on until another day."""


class ContractTerminated(Event):
    """A contract was ended before its time, with the reason why."""


class ContractEnded(Event):
    """A contract ran out."""


class ContractReminded(Event):
    """The owner was reminded of the day by which one has to decide how it goes on."""
