"""`synthgen evaluate --localizer`: what localizers are worth where the truth is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from synthgen.parallel import EngineConfig
from synthgen.parallel.cores import usable_cores
from trainers.config.judging import JudgingConfig
from trainers.localize.judging.bench import Bench, boxed_bench, dataset_bench, masked_bench, trio_bench, voc_bench
from trainers.localize.judging.judge import judge
from trainers.localize.judging.lineup import lineup_of
from trainers.localize.judging.report import CHOSEN, write_judgement
from trainers.localize.judging.tables import Section

__all__ = ["judge_localizers"]

SHOWN = ("IoU", "pointing", "PxAP", "GT-known", "MaxBoxAcc", "Loc@1")


def judge_localizers(localizers: Path, config: JudgingConfig, output: Path, console: Console) -> None:
    """Judge the localizers of a file, or of a folder of chosen ones, and write a report into `output`.

    Raises:
        ConfigError: The file says something wrong.
        DatasetError: The pictures cannot be read, or none has a target and a truth.
        TrainingError: No localizer could be asked.
        OutputError: The folder cannot be written.
    """
    asked = ("anything",) if config.trios is not None or config.voc is not None else ()
    bench = _bench(config, lineup_of(localizers, asked).knows)  # what is wrong in it is told before pictures are read
    lineup = lineup_of(localizers, bench.shows)
    judgement = judge(bench, lineup, EngineConfig(workers=usable_cores()), console)
    sections = write_judgement(output, judgement, config.pictures)
    console.print(_table(sections[0], bench.title))
    for name, reason in judgement.failed.items():
        console.print(f"{name}: could not be judged: {reason}", highlight=False, markup=False, soft_wrap=True)
    for reason in bench.left_out:
        console.print(f"left out: {reason}", highlight=False, markup=False, soft_wrap=True)
    console.print(f"report: {output / 'report.html'}; chosen: {output / CHOSEN}", highlight=False, soft_wrap=True)


def _bench(config: JudgingConfig, known: Callable[[str], bool]) -> Bench:
    if config.dataset is not None:
        return dataset_bench(config.dataset, config.split)
    if config.trios is not None:
        return trio_bench(config.trios, known)
    assert config.images is not None, "one of them is given"
    if config.masks is not None:
        return masked_bench(config.images, config.masks)
    if config.boxes is not None:
        return boxed_bench(config.images, config.boxes)
    assert config.voc is not None, "photographs have a truth"
    return voc_bench(config.images, config.voc, known)


def _table(scores: Section, title: str) -> Table:
    """Return the scores for which a terminal has room, without their intervals."""
    shown = [place for place, column in enumerate(scores.head) if column in ("", *SHOWN)]
    table = Table(title=title)
    for place in shown:
        table.add_column(scores.head[place], justify="right" if place else "left", overflow="fold")
    for row in scores.rows:
        table.add_row(*(row[place].split(" (")[0] for place in shown))
    return table
