"""Writes what can be derived from the code, and tells when what is checked in is stale."""
