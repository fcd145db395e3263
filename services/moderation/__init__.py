"""Decide: hears items and campaigns; lets moderators decide; says what was decided and what may be shown."""
