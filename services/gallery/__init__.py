"""Show: hears what may be shown; places and publishes it in galleries and embeds; says what is visible."""
