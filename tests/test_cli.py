"""The command line, driven as a user drives it: the installed program where a process matters, else in this one."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
import yaml

from command_line import synthgen
from real_boxes import write_boxes
from tiny_assets import write_tiny_assets

PROGRAM = Path(sys.executable).with_name("synthgen")
COMMANDS = (
    "init",
    "run",
    "generate",
    "assets check",
    "assets import",
    "recipe",
    "priors",
    "preview",
    "verify",
    "replay",
    "export",
    "merge",
    "doctor",
    "train",
    "evaluate",
    "predict",
    "package",
    "photographs",
    "study",
    "experiment",
)


def program(*arguments, folder, **environment):
    """Run the installed program in a process of its own."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with assets, a pipeline file, and the dataset generated from them by the command."""
    folder = tmp_path_factory.mktemp("work")
    write_tiny_assets(folder, foregrounds=20, backgrounds=20)
    values = {
        "assets": {"foregrounds": "foregrounds", "backgrounds": "backgrounds"},
        "size": [64, 64],
        "samples": {"train": 20, "test": 4},
        "output": {"path": "run", "shard_rows": 8},
        "engine": {"workers": 1},
    }
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(values))
    study = {
        "title": "T",
        "pipeline": "pipeline.yaml",
        "presets": {"tiny": {"grids": [{"network": "plain_unet", "width": 2, "epochs": 1, "seed": 0}]}},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    done = program("generate", "pipeline.yaml", "--output", "data", "--seed", "3", "--workers", "2", folder=folder)
    assert done.returncode == 0, done.stderr
    assert re.search(r"dataset: \S+/data \(20 train, 0 val, 4 test\)", done.stdout)
    return folder


HELP = """
import sys
sys.argv = ["synthgen", *{arguments}]
from synthgen.cli import main
try:
    main()
finally:
    installed = {{name.partition(".")[0] for name, module in sys.modules.items() if "-packages" in str(module)}}
    print(*sorted(name for name in installed if not name.startswith("_")), file=sys.stderr)
"""
LIGHT = {"typer", "annotated_doc", "shellingham"}
TYPERS = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}  # for one command


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [(["--help"], LIGHT), (["--version"], LIGHT | TYPERS), (["generate", "--help"], LIGHT | TYPERS)],
)
def test_help_imports_next_to_nothing(arguments, allowed):
    """So it answers in about the time of `import numpy`, which is among what it does not import."""
    code = HELP.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert set(done.stderr.split()) - allowed == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command, tmp_path):
    done = synthgen(*command.split(), "--help", folder=tmp_path)
    assert done.returncode == 0
    assert f"Example: synthgen {command} " in " ".join(done.stdout.split())


def test_the_version_is_printed(tmp_path):
    from synthgen import __version__

    assert program("--version", folder=tmp_path).stdout.strip() == __version__


def test_recipe_prints_the_values_that_hold(folder):
    done = synthgen("recipe", "pipeline.yaml", "--set", "recipe.preset=paper", "--set", "recipe.flip=0", folder=folder)
    assert done.returncode == 0, done.stderr
    values = yaml.safe_load(done.stdout)["recipe"]
    assert (values["negatives"], values["position"]["kind"], values["flip"]) == (0.0, "grid", 0.0)
    (folder / "spelled.yaml").write_text(
        yaml.safe_dump(yaml.safe_load((folder / "pipeline.yaml").read_text()) | {"recipe": values})
    )
    assert synthgen("recipe", "spelled.yaml", folder=folder).stdout == done.stdout


def test_priors_are_yaml_to_paste_with_a_picture_beside(tmp_path):
    write_boxes(tmp_path / "boxes.json", [(40, 30, 120, 60), (0, 20, 90, 50), (60, 50, 40, 30)])
    done = synthgen("priors", "boxes.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["recipe"]["position"]["kind"] == "anywhere"
    other = synthgen("priors", "boxes.json", "--output", "p/a.yaml", "--picture", "p/a.png", folder=tmp_path)
    assert (tmp_path / "p/a.yaml").read_text() == done.stdout and "wrote p/a.png" in other.stdout
    assert cv2.imread(str(tmp_path / "p/a.png")).shape[1] > 1000


def test_a_drafted_pipeline_runs_as_it_is(folder, tmp_path):
    """init → generate --dry-run → doctor, which all take what the one before wrote."""
    assets = ("--foregrounds", folder / "foregrounds", "--backgrounds", folder / "backgrounds")
    done = synthgen("init", *assets, "--output", "new/mine.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wrote new/mine.yaml; next: synthgen generate new/mine.yaml --dry-run" in done.stdout
    again = synthgen("init", *assets, "--output", "new/mine.yaml", folder=tmp_path)
    assert again.returncode == 1 and "new/mine.yaml: exists, and nothing is overwritten" in again.stderr
    dry = synthgen("generate", "new/mine.yaml", "--dry-run", "--output", "data/mine", folder=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert "1,000 train, 100 val, 100 test" in dry.stdout and "wrote " in dry.stdout
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["mine-dry-run.png"]
    assert cv2.imread(str(tmp_path / "data/mine-dry-run.png")).shape[1] > 900
    well = synthgen("doctor", "new/mine.yaml", folder=tmp_path)
    assert well.returncode == 0, well.stdout
    assert "1,200 need about" in " ".join(well.stdout.split())


def test_doctor_fails_where_something_is_broken(tmp_path):
    (tmp_path / "file").touch()
    done = synthgen("doctor", "--output", "file/data", folder=tmp_path)
    assert done.returncode == 1 and "broken: output" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("ge", ["generate"]), ("", ["init", "run", "generate", "doctor", "assets", "train"]), ("assets ", ["check"])],
)
def test_shells_complete_the_names_of_commands(typed, offered, tmp_path):
    words = f"synthgen {typed}"
    asked = {"_SYNTHGEN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = program(folder=tmp_path, **asked)
    assert set(offered) <= set(done.stdout.split()), done.stdout + done.stderr
    assert not typed or all(name.startswith(typed.split(" ")[-1]) for name in done.stdout.split())


def test_shells_complete_options_and_splits(tmp_path):
    for words, expected in (("synthgen generate --dry", "--dry-run"), ("synthgen preview d --split va", "val")):
        asked = {"_SYNTHGEN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        assert program(folder=tmp_path, **asked).stdout.split() == [expected]


def test_completion_can_be_installed(tmp_path):
    given = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # tests may run without a shell above them
    done = program("--show-completion", "bash", folder=tmp_path, **given)
    assert "_SYNTHGEN_COMPLETE=complete_bash" in done.stdout, done.stderr


def test_verify_says_what_it_checked(folder):
    done = synthgen("verify", "data", folder=folder)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "clean: 24 rows, 98,304 pixels checked")


def test_preview_writes_a_picture(folder):
    done = synthgen("preview", "data", "--out", "sheet.png", "--count", 6, "--columns", 3, folder=folder)
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(folder / "sheet.png")).shape[2] == 3


def test_export_says_what_it_wrote_and_what_was_lost(folder):
    command = ("export", "data", "--format", "yolo-seg", "--out", "yolo", "--one-class", "--workers", 1)
    done = synthgen(*command, folder=folder)
    assert done.returncode == 0, done.stderr
    assert re.search(r"rows +│ 20 +│ 4 ", done.stdout) and "object" in done.stdout
    assert re.search(r"outlines lose or add [\d,]+ of [\d,]+ pixels of masks", done.stdout)
    assert len(list((folder / "yolo/labels/train").iterdir())) == 20
    assert "yolo: lies there already" in synthgen(*command, folder=folder).stdout


def test_replay_matches_the_stored_hash(folder):
    done = synthgen("replay", "data", 2, "--split", "test", "--out", "row.png", folder=folder)
    assert done.returncode == 0 and "pixel hash matches" in done.stdout
    assert cv2.imread(str(folder / "row.png")).shape == (64, 64, 3)


def test_assets_check_prints_the_table(folder):
    done = synthgen("assets", "check", "pipeline.yaml", folder=folder)
    assert done.returncode == 0
    assert "handgun" in done.stdout and "phone" in done.stdout and "office" in done.stdout


def test_names_of_files_are_printed_as_they_are(folder, tmp_path):
    """Brackets in them are no markup of the table."""
    shutil.copytree(folder / "foregrounds", tmp_path / "[b]")
    (tmp_path / "[b]" / "[x].png").touch()
    folders = ("--foregrounds", "[b]", "--backgrounds", folder / "backgrounds")
    done = synthgen("assets", "check", *folders, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "[b]/[x].png" in done.stdout


def test_assets_import_makes_a_folder_of_assets_and_a_sheet(folder, tmp_path):
    (tmp_path / "map.yaml").write_text("hand gun: null")
    options = ("--into", "mine", "--dry-run", "--classes", "map.yaml")
    done = synthgen("assets", "import", folder / "foregrounds", *options, folder=tmp_path)
    assert done.returncode == 0 and "nothing was written" in done.stdout and not (tmp_path / "mine").exists()
    assert "warning: --classes: nothing is of category 'hand gun'; the nearest is 'handgun'" in done.stdout
    done = synthgen("assets", "import", folder / "foregrounds", "--into", "mine", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "handgun" in done.stdout and cv2.imread(str(tmp_path / "mine-sheet.png")) is not None
    done = synthgen("assets", "import", "mine/catalog.csv", "--into", "more", folder=tmp_path)
    assert done.returncode == 1 and "in no format that is known" in done.stderr


def test_assets_check_takes_two_folders(folder):
    done = synthgen("assets", "check", "--foregrounds", "foregrounds", "--backgrounds", "backgrounds", folder=folder)
    assert done.returncode == 0 and "handgun" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("generate nowhere.yaml", "nowhere.yaml: cannot be read"),
        ("generate pipeline.yaml --set recipe.colour=red", "recipe.colour: unknown key"),
        ("generate pipeline.yaml --set assets.backgrounds=nowhere", "nowhere: no such folder"),
        (
            "generate pipeline.yaml --workers 2000",
            "engine.workers: Input should be less than or equal to 1024 (found 2000)",
        ),
        ("generate pipeline.yaml --seed -1", "seed: Input should be greater than or equal to 0 (found -1)"),
        (f"generate pipeline.yaml --seed {2**64}", f"seed: Input should be less than {2**64} (found {2**64})"),
        ("generate /dev/zero", "/dev/zero: cannot be read: not an ordinary file; give the path of a pipeline file"),
        ("generate pipeline.yaml --set assets.splits={train:.9}", "YAML reads 'train:.9' as one key without a value"),
        ("generate pipeline.yaml --output data --seed 4", "seed was 3, is 4 now"),
        ("generate pipeline.yaml --output pipeline.yaml/data", "not a writable directory"),
        ("generate pipeline.yaml --output d2 --scheduler tcp://127.0.0.1:1", "does not answer"),
        (
            "generate pipeline.yaml --output d3 --set recipe.scale={min:4,max:4} --set recipe.negatives=0"
            " --set recipe.truncation.probability=0",
            "0 of at least 1 targets could be placed",
        ),
        ("verify nowhere", "no such directory"),
        ("preview data --out x.png --split val", "no split 'val'; present: train, test"),
        ("preview data --out x.png --split validation", "expected train, val or test"),
        ("replay data 99 --out x.png", "no row 99 in 'train'"),
        ("assets check", "give a pipeline file, or both"),
        ("export data --format tfrecord --out x", "unknown export format 'tfrecord'"),
        ("export data --format yolo --out x --polygons", "--polygons is of --format coco"),
        ("export data --format yolo --out x --one-class --classes m.yaml", "exclude each other"),
        ("export data --format yolo --out data", "data: holds something else"),
        ("export data --format yolo --out x --rows nowhere.txt", "nowhere.txt: cannot be read"),
        ("merge data data --out x", "are of one run"),
        ("train data --output m --network transformer", "unknown network 'transformer'"),
        ("train data --output m --encoder resnet1", "unknown encoder 'resnet1'"),
        ("train data --output m --weights nowhere.pth", "nowhere.pth: no such file"),
        ("train data --output m --loss hinge", "unknown loss 'hinge'"),
        ("train data --output m --set unfreeze_epoch=1", "training: unfreeze_epoch goes with freeze_encoder"),
        ("train data --output m --set epoch=1", "training: epoch: unknown key"),
        ("train data --output m --set name=../x", "cannot be the name of a folder"),
        ("train nowhere --output m", "no such directory"),
        ("train data --output m --resume", "nothing to resume"),
        ("evaluate nowhere data", "nowhere: cannot be read"),
        ("evaluate nowhere", "give a DATASET, or --images with --masks or --boxes"),
        ("evaluate nowhere --images foregrounds", "images go together with masks, boxes, or both"),
        ("evaluate nowhere --images foregrounds --boxes b.json", "b.json: no such file"),
        ("package nowhere --output p", "nowhere: cannot be read"),
        ("package nowhere --int8 maybe --output p", "--int8 maybe: expected none, dynamic or static"),
        ("photographs foregrounds --output p", "give one of --tinted, --masks and --coco"),
        ("study nowhere.yaml", "nowhere.yaml: cannot be read"),
        ("experiment nowhere.yaml", "nowhere.yaml: cannot be read"),
        ("study study.yaml --preset large", "no preset 'large'; there are: tiny"),
        ("study study.yaml --preset tiny --weights x", "--weights x: expected ENCODER=FILE"),
        ("predict nowhere pipeline.yaml --output p", "nowhere: cannot be read"),
    ],
)
def test_a_failure_is_one_clear_message(folder, arguments, message):
    done = synthgen(*split(arguments), folder=folder)
    assert done.returncode != 0
    assert message in " ".join(done.stderr.split()), done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_study_ends_with_a_report_and_a_model_of_it_travels(folder):
    """study → package → predict and evaluate by ONNX → photographs: what is written by one is read by the next."""
    done = synthgen("study", "study.yaml", "--preset", "tiny", "--set", "samples.val=4", "--output", "s", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "1/1 plain_unet-f2-e1-s0: test fg IoU" in done.stdout and (folder / "s/report/results.html").is_file()
    model = "s/runs/plain_unet-f2-e1-s0"
    done = synthgen("package", model, "--dataset", "data", "--int8", "static", "--output", "p", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "one picture: torch" in done.stdout
    done = synthgen("predict", "p", "backgrounds", "--frames", "2", "--output", "found", folder=folder)
    assert done.returncode == 0, done.stderr
    assert len(json.loads((folder / "found/instances.json").read_text())) == 2
    pair = ("photographs", "found/overlays", "--masks", "found/masks", "--six-fold", "--output", "real")
    assert "wrote 12 photographs" in synthgen(*pair, folder=folder).stdout
    images = ("--images", "real/images", "--masks", "real/masks")
    done = synthgen("evaluate", "p/model-int8.onnx", *images, "--output", "e", folder=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "e/photographs.json").read_text())["samples"] == {"plain_unet-f2-e1-s0 int8": 12}


def split(arguments):
    """Words of a command line; flow mappings get the blank that YAML wants after a colon."""
    return [re.sub(r"(\w):(\d)(?=[,}])", r"\1: \2", word) for word in arguments.split()]


def test_debug_shows_the_traceback(tmp_path):
    for debug in ([], ["--debug"]):
        done = program("verify", "nowhere", *debug, folder=tmp_path)
        assert done.returncode == 1 and "nowhere: no such directory" in done.stderr
        assert ("Traceback" in done.stderr) == bool(debug)
