"""Dichtbij: the services that gather, decide on and show what people post."""
