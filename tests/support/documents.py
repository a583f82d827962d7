"""Read the code blocks of a document, and compare what they show with what is printed."""

from __future__ import annotations

import re


def fences(text: str) -> list[tuple[str, str, str]]:
    """The code blocks of a document: language, the name of the file that it is, text."""
    return re.findall(r"(?ms)^```(\w*) ?([\w./-]*)\n(.*?)^```$", text)


def sessions(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the output shown below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line.rstrip())
    return found


def different(printed: str, shown: list[str], what: str) -> list[str]:
    """What is wrong with lines shown as the output; a line "…" stands for lines left out."""
    lines = [line.rstrip() for line in printed.splitlines()]
    segments: list[list[str]] = [[]]
    for line in shown:
        segments.append([]) if line == "…" else segments[-1].append(line.rstrip())
    at = 0
    for number, segment in enumerate(segments):
        places = [n for n in range(at, len(lines) + 1) if lines[n : n + len(segment)] == segment]
        if not places or (number == 0 and places[0]):
            return [f"{what} prints:", *lines]
        at = places[0] + len(segment)
    return [] if not shown or shown[-1] == "…" or at == len(lines) else [f"{what} prints more:", *lines]
