"""Terms: the mandates of a gallery as readers see them, newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, CuratorId, MandateId
from services.gallery.domain.term import Beside, Term

_BEGUN = "gallery = %s and name <> '' and starts_at <= %s"


def _term(row: dict[str, Any]) -> Term:
    return Term(
        mandate=MandateId(row["id"]),
        campaign=CampaignId(row["campaign"]),
        curator=CuratorId(row["curator"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        state=row["state"],
        hidden=row["hidden"],
        heard=row["heard"],
        name=row["name"],
        intro=row["intro"],
        accounts=tuple(row["accounts"]),
    )


async def lock(tx: Transaction, fresh: Term) -> Term:
    """Read a term, made now if it is new, and keep others from changing it."""
    await tx.execute(
        """insert into mandate (id, campaign, gallery, curator, starts_at, ends_at, time_zone,
                                state)
           values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        [
            fresh.mandate,
            fresh.campaign,
            fresh.gallery,
            fresh.curator,
            fresh.starts_at,
            fresh.ends_at,
            fresh.time_zone,
            fresh.state,
        ],
    )
    cursor = await tx.execute("select * from mandate where id = %s for update", [fresh.mandate])
    row = await cursor.fetchone()
    if row is None:
        raise KeyError(fresh.mandate)
    return _term(row)


async def save(tx: Transaction, term: Term) -> None:
    """Write a term that was locked before."""
    await tx.execute(
        """update mandate set curator = %s, starts_at = %s, ends_at = %s, time_zone = %s,
                  state = %s, hidden = %s, heard = %s, name = %s, intro = %s, accounts = %s,
                  shown_again = (shown_again or hidden) and not %s
           where id = %s""",
        [
            term.curator,
            term.starts_at,
            term.ends_at,
            term.time_zone,
            term.state,
            term.hidden,
            term.heard,
            term.name,
            term.intro,
            Json(list(term.accounts)),
            term.hidden,
            term.mandate,
        ],
    )


async def stopped(tx: Transaction, mandate: MandateId | None, *, staying: bool = False) -> bool:
    """Whether a mandate was stopped; `staying`: that stays so until this transaction ends.

    Placements are locked before mandates, and mandates before galleries.
    """
    if mandate is None:
        return False
    cursor = await tx.execute(
        f"select hidden from mandate where id = %s {'for share' if staying else ''}".encode(),  # noqa: S608 - ours
        [mandate],
    )
    row = await cursor.fetchone()
    return bool(row and row["hidden"])


async def still_in_view(tx: Transaction) -> list[tuple[str, MandateId]]:
    """List the mandates that were stopped and have something in view, with their galleries."""
    cursor = await tx.execute(
        """select m.gallery, m.id from mandate m where m.hidden and exists (
             select 1 from placement p
             where p.gallery = m.gallery and p.mandate = m.id and p.standing = 'published')"""
    )
    return [(row["gallery"], MandateId(row["id"])) for row in await cursor.fetchall()]


async def shown_again(tx: Transaction) -> list[Term]:
    """List the mandates that were shown again, and whose series nobody has looked at since."""
    cursor = await tx.execute("select * from mandate where shown_again")
    return [_term(row) for row in await cursor.fetchall()]


async def note_settled(tx: Transaction, term: Term) -> None:
    """Note that the series of a mandate was looked at, unless something was heard meanwhile."""
    await tx.execute(
        "update mandate set shown_again = false where id = %s and heard = %s",
        [term.mandate, term.heard],
    )


async def find(tx: Transaction, gallery: str, mandate: str) -> Term | None:
    """Read a term of a gallery; one that names nobody is found, too."""
    cursor = await tx.execute(
        "select * from mandate where gallery = %s and id = %s", [gallery, mandate]
    )
    row = await cursor.fetchone()
    return _term(row) if row else None


async def named(tx: Transaction, mandates: Sequence[str]) -> dict[str, Term]:
    """Read those of some mandates whose curator may be named."""
    if not mandates:
        return {}
    cursor = await tx.execute(
        "select * from mandate where id = any(%s) and name <> ''", [list(mandates)]
    )
    return {row["id"]: _term(row) for row in await cursor.fetchall()}


async def any_named(tx: Transaction, gallery: str) -> bool:
    """Whether a gallery has, or had, guest curators."""
    cursor = await tx.execute(
        "select 1 from mandate where gallery = %s and name <> '' limit 1", [gallery]
    )
    return await cursor.fetchone() is not None


async def newest(tx: Transaction, gallery: str, now: datetime, skip: int, size: int) -> list[Term]:
    """List the terms that have begun, newest first, one page of them."""
    cursor = await tx.execute(
        f"""select * from mandate where {_BEGUN}
            order by starts_at desc, id limit %s offset %s""".encode(),  # noqa: S608 - ours
        [gallery, now, size, skip],
    )
    return [_term(row) for row in await cursor.fetchall()]


async def count(tx: Transaction, gallery: str, now: datetime) -> int:
    """Count the terms that have begun."""
    cursor = await tx.execute(
        f"select count(*) as n from mandate where {_BEGUN}".encode(),  # noqa: S608 - ours
        [gallery, now],
    )
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def of_curator(tx: Transaction, gallery: str, curator: str, now: datetime) -> list[Term]:
    """List the terms of one curator that have begun, newest first."""
    cursor = await tx.execute(
        f"""select * from mandate where {_BEGUN} and curator = %s
            order by starts_at desc, id limit 200""".encode(),  # noqa: S608 - ours
        [gallery, now, curator],
    )
    return [_term(row) for row in await cursor.fetchall()]


async def beside(tx: Transaction, term: Term, now: datetime) -> Beside:
    """Find the terms before and after one."""
    found: list[Term | None] = []
    for sign, order in (("<", "starts_at desc, id desc"), (">", "starts_at, id")):
        cursor = await tx.execute(
            f"""select * from mandate where {_BEGUN} and (starts_at, id) {sign} (%s, %s)
                order by {order} limit 1""".encode(),  # noqa: S608 - all parts are written above
            [term.gallery, now, term.starts_at, term.mandate],
        )
        row = await cursor.fetchone()
        found.append(_term(row) if row else None)
    return Beside(earlier=found[0], later=found[1])
