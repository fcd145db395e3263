"""What the services say to each other: event classes, ids, and the catalogue of topics."""
