"""What is kept in memory stays within its bounds."""

from hypothesis import given
from hypothesis import strategies as st

from services.gallery.api.kept import Kept


def test_the_least_recently_used_goes_first() -> None:
    kept = Kept[str](40)
    for name in "abcd":
        kept.put(name, name, 10)
    kept.get("a")

    kept.put("e", "e", 10)

    assert kept.get("a") == "a"
    assert kept.get("b") is None


def test_one_thing_may_not_push_out_everything_else() -> None:
    kept = Kept[str](40)
    kept.put("a", "a", 10)

    kept.put("huge", "huge", 11)

    assert kept.get("huge") is None
    assert kept.get("a") == "a"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60))))
def test_it_never_holds_more_than_it_may(puts: list[tuple[int, int]]) -> None:
    kept = Kept[int](100)
    for key, size in puts:
        kept.put(key, size, size)
        assert 0 <= kept.size <= 100
    for key in range(10):
        kept.forget(key)
    assert kept.size == 0
