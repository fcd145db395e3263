"""Collect: gathers posts into items with stored media, and tells givers what became of them."""
