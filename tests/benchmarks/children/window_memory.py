"""Input after input through the real window."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.children.bench_memory import Course, picture
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve


def soak(name: str, threads: int, budget: int, counts: list[int]) -> list[dict[str, Any]]:
    """Bytes of the process and of the store after so many different pictures, each shown with its film drawn."""
    desktop = Desktop(name, threads, budget)
    shown: list[Any] = []
    desktop.driver.captured.connect(lambda c: shown.append(c.number))
    course = Course(counts)
    for number in range(1, max(counts) + 1):
        shown.clear()
        desktop.driver.open_pixels(picture(number).pixels, f"picture {number}")
        desktop.until(lambda: bool(shown))
        desktop.rest()
        course.take(number, desktop.app.desk.cached_bytes)
    desktop.close()
    return course.found


if __name__ == "__main__":
    serve({"soak": soak})
