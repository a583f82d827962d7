from __future__ import annotations

import asyncio

import pytest
from loops import run

from policygraph.server.queue import FairQueue, Rejected


def fair_queue(max_waiting=10, max_wait=5.0):
    return FairQueue(max_waiting=max_waiting, max_wait=max_wait)


async def waiting_clients(queue, *clients):
    """A task for each client that wants a turn, in that order, all of them waiting."""
    tasks = [asyncio.create_task(queue.take(client)) for client in clients]
    await asyncio.sleep(0)
    return tasks


async def served(queue, tasks):
    """The order in which the tasks get one item that goes from one to the other."""
    order = []
    for _ in tasks:
        queue.give("item")
        await asyncio.sleep(0)
        order += [number for number, task in enumerate(tasks) if task.done() and number not in order]
    return order


def test_what_rests_is_taken_at_once_the_last_one_first():
    async def scene():
        queue = fair_queue()
        queue.give("cold")
        queue.give("warm")
        return await queue.take("a"), await queue.take("a")

    assert run(scene()) == ("warm", "cold")


def test_one_client_is_served_in_order():
    async def scene():
        queue = fair_queue()
        return await served(queue, await waiting_clients(queue, "a", "a", "a"))

    assert run(scene()) == [0, 1, 2]


def test_clients_take_turns_however_much_one_of_them_asks():
    async def scene():
        queue = fair_queue()
        return await served(queue, await waiting_clients(queue, "a", "a", "a", "b"))

    assert run(scene()) == [0, 3, 1, 2]


def test_who_has_most_waiting_makes_room_for_others():
    async def scene():
        queue = fair_queue(max_waiting=3)
        tasks = await waiting_clients(queue, "a", "a", "b", "c")
        with pytest.raises(Rejected, match="flood"):
            await tasks[1]
        return await served(queue, [tasks[0], *tasks[2:]])

    assert run(scene()) == [0, 1, 2]


def test_who_comes_last_to_a_crowd_is_refused():
    async def scene():
        queue = fair_queue(max_waiting=5)
        tasks = await waiting_clients(queue, *"aaaaaa")
        await asyncio.sleep(0)
        return [task.done() for task in tasks if task.done() is False or task.exception()]

    assert run(scene()) == [False, False, False, False, False, True]


def test_a_crowd_of_one_is_only_busy():
    async def scene():
        tasks = await waiting_clients(fair_queue(max_waiting=1), "a", "a")
        with pytest.raises(Rejected, match="busy"):
            await tasks[1]
        tasks[0].cancel()

    run(scene())


def test_nobody_waits_longer_than_the_longest_time():
    async def scene():
        queue = fair_queue(max_wait=0.01)
        with pytest.raises(Rejected, match="busy"):
            await queue.take("a")
        queue.give("item")
        return await queue.take("b")

    assert run(scene()) == "item"


@pytest.mark.parametrize("granted", [False, True])
def test_a_turn_of_someone_who_left_is_not_lost(granted):
    async def scene():
        queue = fair_queue()
        gone, waiting = await waiting_clients(queue, "a", "b")
        if granted:
            queue.give("item")  # and in the same moment the client leaves
            gone.cancel()
        else:
            gone.cancel()
            await asyncio.sleep(0)
            queue.give("item")
        return await waiting

    assert run(scene()) == "item"


def test_what_is_removed_is_not_given():
    async def scene():
        queue = fair_queue(max_wait=0.01)
        queue.give("broken")
        queue.remove("broken")
        queue.remove("unknown")
        with pytest.raises(Rejected):
            await queue.take("a")

    run(scene())


def test_closing_sends_everybody_away():
    async def scene():
        queue = fair_queue()
        (task,) = await waiting_clients(queue, "a")
        queue.close()
        for waiting in (task, queue.take("b")):
            with pytest.raises(Rejected, match="busy"):
                await waiting

    run(scene())
