"""Progress: a bar on a terminal, plain lines elsewhere, a few a minute."""

from io import StringIO

import pytest
from rich.console import Console

from synthgen.core.progress import progress


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def piped(seconds_a_step, steps, **options):
    clock, text = Clock(), StringIO()
    console = Console(file=text, width=40)
    with progress(console, "make", total=steps, unit="rows", clock=clock, **options) as report:
        for step in range(steps - options.get("done", 0)):
            clock.now += seconds_a_step
            report(1, f"step {step}")
    return text.getvalue().splitlines()


def test_a_long_command_prints_a_few_lines_a_minute():
    lines = piped(1, 60)
    assert lines[0] == "make: 3/60 rows, 1.0 rows/s, 3 s, step 2"
    assert [line.split()[1] for line in lines] == ["3/60", "18/60", "33/60", "48/60", "60/60"]


def test_the_last_line_says_that_all_is_done():
    assert piped(0.01, 5) == ["make: 5/5 rows, 100.0 rows/s, 0 s, step 4"]


def test_no_line_is_said_twice():
    assert [line.split()[1] for line in piped(3, 1)] == ["1/1"]


def test_what_lay_there_before_is_done_and_not_part_of_the_rate():
    assert piped(0.5, 10, done=8)[-1].startswith("make: 10/10 rows, 2.0 rows/s")


def test_a_failure_is_not_reported_as_an_end():
    text = StringIO()
    with pytest.raises(ZeroDivisionError), progress(Console(file=text), "make", total=2, unit="rows"):
        raise ZeroDivisionError
    assert text.getvalue() == ""


def test_a_terminal_shows_a_bar():
    text = StringIO()
    console = Console(file=text, force_terminal=True, width=120)
    with progress(console, "make", total=4, unit="rows", done=1) as report:
        report(3, "loss 0.31")
    assert "4/4" in text.getvalue() and "loss 0.31" in text.getvalue()
