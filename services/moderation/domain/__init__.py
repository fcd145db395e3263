"""What a review is, who may decide what about it, and when the world may see its item (pure)."""
