from __future__ import annotations

import asyncio

import pytest
from loops import run

from policygraph.server.queue import ClientGone, FairQueue


def turns(most=10, longest=5.0, crowded=1.0):
    return FairQueue(most=most, longest=longest, crowded=crowded)


async def asked(queue, *clients):
    """A task for each client that wants a turn, in that order, all of them waiting."""
    tasks = [asyncio.create_task(queue.take(client)) for client in clients]
    await asyncio.sleep(0)
    return tasks


async def served(queue, tasks):
    """The order in which the tasks get one thing that goes from one to the other."""
    order = []
    for _ in tasks:
        queue.give("thing")
        await asyncio.sleep(0)
        order += [number for number, task in enumerate(tasks) if task.done() and number not in order]
    return order


def test_what_rests_is_taken_at_once_the_last_one_first():
    async def scene():
        queue = turns()
        queue.give("cold")
        queue.give("warm")
        return await queue.take("a"), await queue.take("a")

    assert run(scene()) == ("warm", "cold")


def test_one_client_is_served_in_order_while_waiting_is_short():
    async def scene():
        queue = turns()
        return await served(queue, await asked(queue, "a", "a", "a"))

    assert run(scene()) == [0, 1, 2]


def test_every_second_turn_is_the_newest_once_there_is_a_crowd():
    async def scene():
        queue = turns(crowded=-1)
        return await served(queue, await asked(queue, *"aaaaa"))

    assert run(scene()) == [4, 0, 3, 1, 2]


def test_clients_take_turns_however_much_one_of_them_asks():
    async def scene():
        queue = turns()
        return await served(queue, await asked(queue, "a", "a", "a", "b"))

    assert run(scene()) == [0, 3, 1, 2]


def test_who_has_most_waiting_makes_room_for_others():
    async def scene():
        queue = turns(most=3)
        tasks = await asked(queue, "a", "a", "b", "c")
        with pytest.raises(ClientGone, match="flood"):
            await tasks[0]
        return await served(queue, tasks[1:])

    assert run(scene()) == [0, 1, 2]


def test_the_middle_of_a_crowd_makes_room():
    async def scene():
        queue = turns(most=5)
        tasks = await asked(queue, *"aaaaaa")
        await asyncio.sleep(0)
        return [task.done() for task in tasks if task.done() is False or task.exception()]

    assert run(scene()) == [False, False, True, False, False, False]


def test_a_crowd_of_one_is_only_busy():
    async def scene():
        tasks = await asked(turns(most=1), "a", "a")
        with pytest.raises(ClientGone, match="busy"):
            await tasks[0]
        tasks[1].cancel()

    run(scene())


def test_nobody_waits_longer_than_the_longest_time():
    async def scene():
        queue = turns(longest=0.01)
        with pytest.raises(ClientGone, match="busy"):
            await queue.take("a")
        queue.give("thing")
        return await queue.take("b")

    assert run(scene()) == "thing"


@pytest.mark.parametrize("granted", [False, True])
def test_a_turn_of_someone_who_left_is_not_lost(granted):
    async def scene():
        queue = turns()
        gone, waiting = await asked(queue, "a", "b")
        if granted:
            queue.give("thing")  # and in the same moment the client leaves
            gone.cancel()
        else:
            gone.cancel()
            await asyncio.sleep(0)
            queue.give("thing")
        return await waiting

    assert run(scene()) == "thing"


def test_what_is_removed_is_not_given():
    async def scene():
        queue = turns(longest=0.01)
        queue.give("broken")
        queue.remove("broken")
        queue.remove("unknown")
        with pytest.raises(ClientGone):
            await queue.take("a")

    run(scene())


def test_closing_sends_everybody_away():
    async def scene():
        queue = turns()
        (task,) = await asked(queue, "a")
        queue.close()
        for waiting in (task, queue.take("b")):
            with pytest.raises(ClientGone, match="busy"):
                await waiting

    run(scene())


def test_what_can_be_shared_is_given_to_who_finds_nobody_before_them():
    async def scene():
        spare = ["shared"]
        queue = FairQueue(most=10, longest=5.0, crowded=1.0, spare=lambda: spare[0] if spare else None)
        first = await queue.take("a")
        spare.clear()
        (waiting,) = await asked(queue, "b")
        spare.append("shared")
        (behind,) = await asked(queue, "c")
        assert not waiting.done()
        assert not behind.done()
        queue.give("given", shared=True)
        await asyncio.sleep(0)
        assert waiting.result() == "given"
        queue.give("again", shared=True)
        queue.give("nobody wants it", shared=True)
        return first, await behind, queue._resting

    assert run(scene()) == ("shared", "again", [])
