"""What moderation keeps in PostgreSQL, and how the desk hears that it changed."""
