"""Every command in README, docs and help is run, in a folder where the names they use are small things of that kind."""

import itertools
import json
import re
import shlex
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torchvision
import yaml
from typer.testing import CliRunner

from annotated import disc
from experiment_files import write_photographs
from photographs import painted, scene, truth
from synthgen.cli import app
from synthgen.studio import Studio, StudioConfig
from tiny_assets import make_rifles, write_tiny_assets
from tiny_models import write_grounding_dino, write_sam
from trainers.commands.register import COMMANDS, register
from trios import write_trios, write_voc
from two_classes import parted_clip

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs/commands.md"  # those of the command line's help
PAGES = [ROOT / "README.md", *sorted(set((ROOT / "docs").glob("*.md")) - {EXAMPLES}), EXAMPLES]
SMALL = ["--set", "samples.train=24", "--set", "samples.val=6", "--set", "samples.test=6", "--set", "size=[64,64]"]
HONEST = ("all arms have the same gap or the same score", "finds no box of")  # said of networks of a few steps
EXPERIMENT = ["--set", "seeds=[0]", "--set", "training.batch_size=4", *SMALL[:2], *SMALL[-2:]]
LESS = {  # what is added to a command, or to one on that file, so that it takes seconds; what comes last holds
    "generate": [*SMALL, "--workers", "1"],
    "run": ["--set", "training=[{network: plain_unet, width: 2, steps: 2, batch_size: 4}]", *SMALL],
    "pseudo-label": ["--set", "gate.most_area=1"],  # what tiny models with random weights see is anywhere
    "train": ["--set", "steps=40", "--batch-size", "4", "--set", "samples=8", "--learning-rate", "0.01"],
    "studies/firearms.yaml": [
        "--set",
        "presets={small: {grids: [{network: plain_unet, width: 2}]}, frozen: {grids: [{network: transfer, encoder: "
        "mobilenet_v2, width: 2}]}, paper: {grids: [{network: plain_unet, width: 2}]}}",
        "--set",
        "defaults={epochs: 1, batch_size: 4, precision: 32-true}",
        *SMALL,
    ],
    "studies/tiny-clip.yaml": ["--set", "defaults.steps=2", "--set", "defaults.batch_size=4", *SMALL],
    "studies/weapons.yaml": [
        *("--set", "presets={small: {grids: [{encoder: test_resnet}]}}", "--set", "defaults.epochs=1"),
        *SMALL,
        *("--set", "recipe.negatives=0.5"),
    ],
    "studies/danger-clip.yaml": [
        *("--set", "defaults={task: classification, clip: {model: 'local-dir:clips/vit'}, batch_size: 4, epochs: 1}"),
        "--set",
        "presets={small: {grids: [{network: clip_zero_shot}, {network: danger_clip, layers: 1}]}, paper: {grids: "
        "[{network: clip_linear}]}}",
        *SMALL,
    ],
    "studies/localizers.yaml": [
        *("--set", "defaults={task: classification, clip: {model: 'local-dir:clips/vit'}, batch_size: 4, epochs: 1}"),
        *("--set", "presets={small: {grids: [{network: [ts_cam, lctr]}]}}"),
        *SMALL,
    ],
    "experiments/sim-to-real.yaml": ["--set", "arms={synthetic: {steps: 2}, real: {steps: 2, real: 1}}", *EXPERIMENT],
    "experiments/factors.yaml": [
        "--set",
        "arms={preset photographs: {steps: 2}, a: {steps: 2, recipe: {negatives: 0}}, b: {steps: 2, recipe: {flip: 0}},"
        " c: {steps: 2, recipe: {light: {probability: 0}}}}",
        *EXPERIMENT,
    ],
    "experiments/detectors.yaml": [
        "--set",
        "arms={'Faster R-CNN, real': {steps: 2, real: 1}, SSDlite: {steps: 2, training: {network: ssdlite}}}",
        *EXPERIMENT,
    ],
    "experiments/webcams.yaml": [
        *("--set", "samples.test=16", "--set", "recipe.sequence.frames=8", "--set", "size=[64,64]", "--workers", "1"),
    ],
    "webcams.yaml": ["--set", "recipe.sequence.frames=6", *SMALL, "--workers", "1"],
    "experiments/loop.yaml": [
        *("--set", "steps=2", "--set", "pictures=8", "--set", "probes=20", "--set", "seeds=[0]"),
        *("--set", "size=[64,64]", "--set", "training.batch_size=4"),
    ],
}


def commands_of(page):
    """The indented lines of a page that begin with `synthgen`, each with those that continue it, as arguments."""
    text = re.sub(r"\\\n\s+", "", page.read_text())
    return [shlex.split(line, comments=True)[1:] for line in re.findall(r"(?m)^    (synthgen [a-z].*)$", text)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Cutouts, scenes, photographs, boxes and weights under the names that the pages use."""
    work = tmp_path_factory.mktemp("workspace")
    assets = write_tiny_assets(work, foregrounds=20, backgrounds=20)
    make_rifles(assets)
    for copy, own in {"cutouts": "foregrounds", "scenes": "backgrounds", "offices": "backgrounds"}.items():
        shutil.copytree(work / own, work / copy)
    shutil.copy(ROOT / "pipeline.yaml", work)
    for folder in ("experiments", "studies"):
        shutil.copytree(ROOT / folder, work / folder)
    recipe = {"instances": {"min": 1, "max": 1}, "scale": {"unit": "frame", "min": 0.3, "max": 0.8}, "negatives": 0}
    values = {"assets": {**assets.model_dump(), "splits": {"train": 1}}, "size": (72, 96), "samples": {"train": 99}}
    studio = Studio.open(StudioConfig.model_validate({**values, "recipe": recipe, "seed": 9}), work / "cache")
    numbers = itertools.count()
    for name in ("test", "train", "photographs-and-more", "others-and-more"):
        write_photographs(work / name, [studio.sample("train", next(numbers)) for _ in range(24)])
        shutil.copy(work / name / "boxes.json", work / f"{name}.json")
    for short, name in {"photographs": "photographs-and-more", "others": "others-and-more"}.items():
        (work / short).symlink_to(work / name / "images")
    (work / "photographs-and-more.json").rename(work / "boxes.json")
    (work / "others-and-more.json").rename(work / "others.json")
    shutil.copy(work / "photographs-and-more/labels.csv", work)
    write_grounding_dino(work / "models/grounding-dino")
    write_sam(work / "models/sam")
    (work / "classes.yaml").write_text("handgun: firearm")
    for number in range(3):
        disc(work / "annotated/cup" / f"{number}.png", seed=number)
    (work / "mugs.yaml").write_text("cup: mug")
    write_video(work / "videos/a.mp4")
    write_footage(work)
    write_sequences(work)
    write_tinted(work)
    write_domains(work)
    write_trios(work / "cocoglide")
    write_voc(work / "imagenet")
    (work / "localizers.yaml").write_text("prompts: [handgun]\nlocalizers: {centre: {method: centre}}\n")
    (work / "data").mkdir()
    (work / "data/firearms").symlink_to(work / "data/mine")
    for seed, name in enumerate(("one", "two", "day", "night")):
        run(["generate", f"{work}/pipeline.yaml", "--output", f"{work}/data/{name}", "--seed", str(seed)])
    torch.manual_seed(0)
    torch.save(torchvision.models.mobilenet_v2().state_dict(), work / "mobilenet_v2.pth")
    parted_clip(work / "clips/vit")
    return work


def write_video(path):
    """Write two seconds of noise."""
    path.parent.mkdir()
    rng = np.random.default_rng(1)
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 10, (160, 120))
    for _ in range(20):
        video.write(cv2.resize(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8), (160, 120)))
    video.release()


def write_footage(work):
    """Write a video, and a box in two of its frames."""
    shutil.copy(work / "videos/a.mp4", work / "hall.mp4")
    frames = [{"frame": frame, "boxes": [{"bbox": [10, 10, 40, 30]}]} for frame in (3, 9)]
    (work / "hall.json").write_text(json.dumps({"frames": frames}))


def write_sequences(work):
    """Write the pipeline with the recipe that the page on sequences shows."""
    shown = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/sequences.md").read_text(), re.S)[0])
    pipeline = yaml.safe_load((work / "pipeline.yaml").read_text())
    (work / "webcams.yaml").write_text(yaml.safe_dump({**pipeline, **shown}))


def write_domains(work):
    """Write a table of labels of the photographs, and a folder of pictures with a target and without."""
    files = sorted(path.name for path in (work / "photographs").glob("*"))
    lines = [f"photographs/{file},{number % 2}" for number, file in enumerate(files)]
    (work / "photographs.csv").write_text("\n".join(["file,label", *lines, ""]))
    for seed, name in enumerate(("positive", "negative")):
        (work / "studio" / name).mkdir(parents=True)
        cv2.imwrite(str(work / "studio" / name / "a.png"), scene(seed))


def write_tinted(work):
    """Write photographs, and the same with their targets tinted."""
    for folder in ("photos", "tinted"):
        (work / folder).mkdir()
    for seed in (4, 5):
        photograph = scene(seed)
        for folder, picture in (("photos", photograph), ("tinted", painted(photograph, truth(), (0, 0, 255), 0.5))):
            cv2.imwrite(str(work / folder / f"p{seed}.png"), picture[:, :, ::-1])


def less(arguments):
    """What is added to a command: by its file, or else by its name."""
    return next((LESS[argument] for argument in arguments[1::-1] if argument in LESS), [])


def run(arguments):
    """Run a command as `synthgen` does, with less to do; what it raises is raised."""
    if not any(command.callback in COMMANDS for command in app.registered_commands):
        register(app)
    done = CliRunner().invoke(app, [*arguments, *less(arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.slow
def test_every_command_of_every_page_runs(workspace, monkeypatch):
    """In the order of the pages, each once: later ones use what earlier ones made."""
    monkeypatch.chdir(workspace)
    failed, done = [], []
    for page in PAGES:
        for arguments in commands_of(page):
            if arguments in done:
                continue
            done.append(arguments)
            began = time.perf_counter()
            try:
                run(arguments)
            except (Exception, AssertionError) as error:
                if any(words in str(error) for words in HONEST):
                    continue
                failed.append(f"{page.name}: synthgen {shlex.join(arguments)}: {error}")
            finally:  # to be followed with `pytest -s`
                took = time.perf_counter() - began
                print(f"{took:6.1f} s  {page.name}: synthgen {shlex.join(arguments)}", flush=True)
    assert not failed, "\n".join(failed)
