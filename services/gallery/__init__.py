"""Show: hears what may be shown; publishes it in galleries and embeds; says what is visible."""
