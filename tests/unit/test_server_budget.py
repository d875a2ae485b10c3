"""Room for octets and messages."""

from __future__ import annotations

import asyncio

from gateway.smtp.budget import Budget


def test_octets_are_refused_when_full_and_free_when_given_back() -> None:
    """And giving back twice gives nothing more."""

    async def play() -> None:
        budget = Budget(messages=1, octets=100)
        first = await budget.reserve(60, 0.01)
        assert first is not None
        assert await budget.reserve(60, 0.01) is None
        assert first.cover(100)
        assert not first.cover(101)
        assert await budget.reserve(1, 0.01) is None
        first.release()
        first.release()
        second = await budget.reserve(100, 0.01)
        assert second is not None
        assert await budget.reserve(1, 0.01) is None

    asyncio.run(play())


def test_who_waits_gets_the_place_as_soon_as_it_is_free() -> None:
    """Without polling, and only as many as there is room for."""

    async def play() -> None:
        budget = Budget(messages=1, octets=1)
        assert await budget.enter(0.01)
        waiting = [asyncio.ensure_future(budget.enter(0.5)) for _ in range(3)]
        await asyncio.sleep(0)
        budget.leave()
        done = await asyncio.gather(*waiting)
        assert sorted(done) == [False, False, True]

    asyncio.run(play())
