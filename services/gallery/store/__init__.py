"""Galleries and placements, as PostgreSQL keeps them."""
