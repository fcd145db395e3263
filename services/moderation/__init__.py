"""Decide: hears items and campaigns, lets moderators decide, says what may be shown."""
