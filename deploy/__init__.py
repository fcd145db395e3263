"""How Dichtbij is run: the local parts, the sample, the container and what a cluster needs."""
