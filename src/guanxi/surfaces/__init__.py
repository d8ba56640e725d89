"""Lists, boards, forms, imports and everything else that is generic over entities; names no noun."""
