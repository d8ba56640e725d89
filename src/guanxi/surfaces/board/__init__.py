"""Many records as cards in lanes, moved by drag or keys."""
