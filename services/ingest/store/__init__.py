"""What ingest keeps: campaigns, sources, items, originals with their renditions, receipts."""
