"""Mail to customers, and what customers write: the outbox with its templates, and the mailbox that makes leads."""
