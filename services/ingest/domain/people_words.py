"""What can be wrong with a line that names somebody, as sentences for the one who typed it."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "name": "Begin with the name that readers will see, at most 120 characters long.",
    "parts": "Write the name, then the address, then the language, with semicolons between.",
    "mail": "This is no mail address. Write one like fatima@example.org.",
    "twice": "This name stands with this address on an earlier line already. Take one out.",
    "too-many": "These are more than 60 people. Plan them by two forms.",
}
