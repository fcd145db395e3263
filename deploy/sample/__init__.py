"""The sample: drawn photos, a campaign with a story, and a magazine that shows its gallery."""
