"""The order in which parts stop."""

import pytest

from deploy.local.parts import Part
from deploy.local.supervisor import ranks


def a_part(name: str, *needs: str) -> Part:
    return Part(name=name, command=("true",), needs=needs)


def test_what_others_need_stops_after_them() -> None:
    parts = [a_part("kafka"), a_part("s3"), a_part("migrate", "kafka"), a_part("web", "migrate")]

    assert ranks(parts) == [["s3", "web"], ["migrate"], ["kafka"]]


def test_parts_that_need_each_other_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="circle: egg, hen"):
        ranks([a_part("hen", "egg"), a_part("egg", "hen")])
