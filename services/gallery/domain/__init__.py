"""What a gallery is, what stands in it, and how an item looks there: pure."""
