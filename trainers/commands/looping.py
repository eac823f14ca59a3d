"""The rounds of a loop: both arms with one seed are one job, as their first round is the same."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from synthgen.config import PipelineConfig
from synthgen.core.files import content_of, make_directory
from synthgen.engine import LIBRARY_FOLDER, generate
from synthgen.formats.coco import read_coco
from synthgen.formats.folder import read_folder
from synthgen.parallel import EngineConfig
from synthgen.shards.reader import ShardDataset
from synthgen.studio import Studio
from trainers.config.loop import TrainingConfig
from trainers.config.section import validated_training
from trainers.experiment.job import rows_file
from trainers.experiment.places import Place, places_of
from trainers.experiment.scoring import score_at
from trainers.harvest.cutouts import false_alarms, harvest_cutouts, true_boxes
from trainers.learn.checkpoint import MODEL_FILE
from trainers.learn.fit import fit
from trainers.loop.config import LoopConfig
from trainers.loop.digests import loop_digests
from trainers.loop.report import write_report
from trainers.loop.turn import turned
from trainers.predict.open import open_predictor
from trainers.predict.protocols import PixelPredictor, Predictor, point_of
from trainers.score.benchmark import split_benchmark
from trainers.score.evaluate import SCORERS, evaluate
from trainers.score.slices import slices_of, with_traits
from trainers.show.tables import write_rows
from trainers.study.digest import digest_of
from trainers.study.joblist import done_rows, recorded
from trainers.task import TASKS

__all__ = ["LoopJob", "run_job", "run_loop"]

Row = dict[str, Any]
Arm = Literal["open", "closed"]
MODEL, DATASET = "model", "dataset"  # folders of a round


@dataclass(frozen=True, slots=True)
class LoopJob:
    """Both loops with one seed, and all that their result depends on.

    Attributes:
        seed: Of data and trainings.
        loop: What the file says.
        pipeline: Of the first round.
        trainings: Of each round.
        places: Where each round is scored.
        folder: Of the rounds and the result.
        digest: Name of everything that decides the result.
    """

    seed: int
    loop: LoopConfig
    pipeline: PipelineConfig
    trainings: tuple[TrainingConfig, ...]
    places: tuple[Place, ...]
    folder: Path
    digest: str

    @property
    def work(self) -> Path:
        """Folder of the rounds; of other settings there is another."""
        return self.folder / self.digest[:12]

    @property
    def identity(self) -> Row:
        """What was trained."""
        return {"name": f"s{self.seed}", "seed": self.seed, "rounds": self.loop.rounds}

    @property
    def logs(self) -> Mapping[str, Path]:
        """The folders of its trainings."""
        names = [(arm, number) for number in range(1, self.loop.rounds + 1) for arm in ("open", "closed")]
        return {f"s{self.seed}, {arm}, round {number}": self.round_folder(arm, number) / MODEL for arm, number in names}

    def round_folder(self, arm: str, number: int) -> Path:
        """Return the folder of a round; the first is the same for both arms."""
        return self.work / ("first" if number == 1 else f"{arm}-{number}")


def run_loop(
    config: LoopConfig, pipeline: PipelineConfig, path: Path, output: Path, *, engine: EngineConfig, console: Console
) -> Path:
    """Do what of the loops is not done yet, into output/runs/, and write output/report/; return results.html.

    Raises:
        ConfigError: A training is none; the scheduler does not answer.
        DatasetError: A photograph cannot be read.
    """
    trainings = [_training(config, pipeline, path, number) for number in range(1, config.rounds + 1)]
    places = places_of(config.scored, TASKS[trainings[0].task].kind)
    digest = loop_digests(config, _told(pipeline), trainings, places)
    jobs = [
        LoopJob(
            seed,
            config,
            pipeline,
            tuple(each.model_copy(update={"seed": seed}) for each in trainings),
            places,
            make_directory(output / "runs" / f"s{seed}"),
            digest(seed),
        )
        for seed in config.seeds
    ]
    tell = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    rows: list[Row] = []
    for number, row in enumerate(done_rows(jobs, run_job, engine, tell), 1):
        rows.append(row)
        tell(f"{number}/{len(jobs)} {row['name']}: {row['error'] or 'done'}")
    work = {job.identity["name"]: job.work for job in jobs}
    return write_report(output / "report", config, places, sorted(rows, key=lambda row: row["seed"]), work)


def _told(pipeline: PipelineConfig) -> str:
    """Return what decides the pictures of a pipeline: fields that differ from the defaults, content of its assets."""
    assets = pipeline.assets
    folders = (assets.foregrounds, *assets.more_foregrounds, assets.backgrounds)
    fields = pipeline.model_dump_json(
        include={"seed", "size", "recipe", "output"}, exclude={"output": {"path"}}, exclude_defaults=True
    )
    return digest_of(fields, assets.splits.model_dump_json(), *map(content_of, folders))


def _training(config: LoopConfig, pipeline: PipelineConfig, path: Path, number: int) -> TrainingConfig:
    values = {
        "size": pipeline.size,
        **config.training,
        **(config.later if number > 1 else {}),
        "name": f"round-{number}",
        "steps": config.steps,
    }
    return validated_training(values, f"{path}: training of round {number}", base=path.parent)


def run_job(job: LoopJob) -> Row:
    """Do both loops; write and return the result row, also of a failure."""
    return recorded(job, _result)


def _result(job: LoopJob) -> Row:
    for other in job.folder.iterdir():
        if other.is_dir() and other != job.work:
            shutil.rmtree(other)  # of other settings
    rounds = [_round(job, "open", 1, job.pipeline, None)]
    pipeline = job.pipeline
    rounds.append({**rounds[0], "arm": "closed"})
    for number in range(2, job.loop.rounds + 1):
        rounds.append(_round(job, "open", number, job.pipeline, _model(job, "open", number - 1)))
        pipeline, told = _turned(job, pipeline, number - 1)
        rounds.append(_round(job, "closed", number, pipeline, _model(job, "closed", number - 1)) | told)
    return {"loop": rounds}


def _model(job: LoopJob, arm: str, number: int) -> Path:
    return job.round_folder(arm, number) / MODEL / MODEL_FILE


def _round(job: LoopJob, arm: Arm, number: int, pipeline: PipelineConfig, before: Path | None) -> Row:
    """Generate, train on, and score; return the scores of each place."""
    folder = make_directory(job.round_folder(arm, number))
    samples = pipeline.samples.model_copy(update={"train": job.loop.pictures, "val": job.loop.probes, "test": 0})
    seed = pipeline.seed + job.loop.rounds * job.seed + number
    config = pipeline.model_copy(update={"seed": seed, "samples": samples})
    generate(config, make_directory(folder / DATASET), console=Console(quiet=True))
    shutil.rmtree(folder / DATASET / LIBRARY_FOLDER, ignore_errors=True)
    training = job.trainings[number - 1].model_copy(update={"finetune": str(before or "")})
    model = fit(training, folder / DATASET, folder / MODEL, resume="auto", progress=False)
    predictor = open_predictor(model)
    scores = {}
    for place in job.places:
        result = score_at(place, predictor, job.loop.evaluation)
        write_rows(rows_file(folder, place), {place.key: result})
        scores[place.key] = result.scores
    return {"arm": arm, "round": number, "scores": scores}


def _turned(job: LoopJob, pipeline: PipelineConfig, number: int) -> tuple[PipelineConfig, Row]:
    """Return the pipeline of the round after `number`, and what was turned and harvested for it."""
    folder = job.round_folder("closed", number)
    predictor = open_predictor(_model(job, "closed", number))
    benchmark = split_benchmark(folder / DATASET, "val", kind="pixels")
    result = evaluate(predictor, benchmark, point=job.loop.evaluation.point(point_of(predictor)), pictures=1)
    rows = list(with_traits(result.rows, benchmark.samples))
    harvested, counts = _harvested(job, predictor, folder)
    more = (*job.pipeline.assets.more_foregrounds, *harvested)
    pipeline = pipeline.model_copy(update={"assets": pipeline.assets.model_copy(update={"more_foregrounds": more})})
    categories, missing = _categories(pipeline, ShardDataset.open(folder / DATASET).manifest.categories)
    recipe, turns = turned(
        pipeline.recipe.model_dump(mode="json"),
        slices_of(rows, SCORERS["pixels"]),
        [name for name in job.loop.knobs if not missing or name != "categories"],
        categories=categories,
        gain=job.loop.gain,
        bounds=(job.loop.bounds.min, job.loop.bounds.max),
    )
    told = {"turns": [asdict(turn) for turn in turns], "harvest": counts, "missing": missing}
    return pipeline.model_copy(update={"recipe": type(pipeline.recipe).model_validate(recipe)}), told


def _categories(pipeline: PipelineConfig, before: Sequence[str]) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """Return the categories that a recipe may weigh, those that were harvested last, and what each split lacks of them.

    A recipe that weighs a category needs cutouts of it in every split.
    """
    recipe = pipeline.recipe.model_copy(update={"categories": {}})
    counts = pipeline.samples.model_copy(update={"train": 1, "val": 1, "test": 0})
    studio = Studio.open(pipeline.model_copy(update={"recipe": recipe, "samples": counts}), Path())
    present = {split: {asset.category for asset in cast.targets} for split, cast in studio.casts.items()}
    weighed = tuple(pipeline.recipe.categories or before)
    harvested = sorted(set().union(*present.values()) - {*before, *weighed})
    wanted = (*weighed, *harvested)
    lacking = {split: [name for name in wanted if name not in found] for split, found in present.items()}
    return wanted, {split: names for split, names in lacking.items() if names}


def _harvested(job: LoopJob, predictor: Predictor, folder: Path) -> tuple[Sequence[Path], dict[str, int]]:
    """Cut objects and false alarms out of photographs; return the folders that hold any, and how many each holds."""
    assert isinstance(predictor, PixelPredictor), "checked with the places"
    folders, counts = list[Path](), dict[str, int]()
    for name, options in _sources(job, predictor).items():
        target = folder / name
        if not (target / "catalog.csv").is_file():  # written last: a harvest that broke off is begun anew
            shutil.rmtree(target, ignore_errors=True)
            harvest_cutouts(predictor, output=target, **options)
        counts[name] = len(list(target.glob("*.png")))
        if counts[name]:
            folders.append(target)
    return folders, counts


def _sources(job: LoopJob, predictor: PixelPredictor) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    if (boxed := job.loop.boxed) is not None:
        found["cutouts"] = {
            "samples": read_coco(boxed.images, boxed.boxes),
            "boxes_of": true_boxes,
            "role": "target",
            "origin": boxed.images.name,
            "group": boxed.group,
        }
    if (empty := job.loop.empty) is not None:
        found["alarms"] = {
            "samples": read_folder(empty),
            "boxes_of": false_alarms(predictor, point_of(predictor)),
            "role": "distractor",
            "origin": empty.name,
        }
    return found
