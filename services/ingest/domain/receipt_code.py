"""Receipt codes: short enough for the telephone, with no two signs that look alike.

The last sign checks the others (Luhn modulo 24), so that a slip of the tongue names no one else's
receipt. A code opens nothing by itself: staff find a receipt by it.

InvalidCodeError    what was written is no code
"""

import re

#: Without vowels no words appear; without 0 1 5 8 and B E I L O S U Z nothing looks like another.
SIGNS = "234679CDFGHJKMNPQRTVWXY" + "A"
LENGTH = 8
#: How many codes there are.
CODES = len(SIGNS) ** (LENGTH - 1)
_BETWEEN = re.compile(r"[\s.\-\u2010-\u2015_]+")


class InvalidCodeError(ValueError):
    """What was written is no receipt code; the message is a sentence."""


def code_of(number: int) -> str:
    """Give the code of a number below CODES, in two groups of four."""
    signs = ""
    for _ in range(LENGTH - 1):
        number, sign = divmod(number, len(SIGNS))
        signs += SIGNS[sign]
    whole = signs + _check(signs)
    return f"{whole[:4]}-{whole[4:]}"


def read_code(written: str) -> str:
    """Read a code as somebody typed it. Raises InvalidCodeError."""
    bare = _BETWEEN.sub("", written.strip().upper())
    if len(bare) != LENGTH or any(sign not in SIGNS for sign in bare):
        message = "A code has eight letters and digits, such as K7M4-2QPP."
        raise InvalidCodeError(message)
    if _check(bare[:-1]) != bare[-1]:
        message = "This code has a slip in it. Ask for it again, sign by sign."
        raise InvalidCodeError(message)
    return f"{bare[:4]}-{bare[4:]}"


def _check(signs: str) -> str:
    many = len(SIGNS)
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = SIGNS.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // many + value % many
    return SIGNS[-total % many]
