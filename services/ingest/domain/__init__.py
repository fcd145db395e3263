"""What ingest knows of campaigns, connectors, submissions and items; pure."""
