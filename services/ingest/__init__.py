"""Collect: hears campaigns, decisions and publications; gathers posts into items with stored media."""
