"""Who changed what, when, before and after; undoing it; what to do about a stale write."""
