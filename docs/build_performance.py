"""Write docs/performance.md and the README's section on speed from docs/performance/*.json, as `make bench` does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs/performance"
BEGIN, END = "<!-- speed: written by docs/build_performance.py -->", "<!-- end of speed -->"
NAMES = (
    "generate",
    "load",
    "train_input",
    "dask_overhead",
    "codec",
    "row_groups",
    "shuffle",
    "export",
    "import",
    "sequences",
    "selective_search",
)

HEAD = """# Performance

Written by `docs/build_performance.py` from the figures in `docs/performance/`, which `make bench` measures. Rounds of
what is compared alternate in one run; medians are given. The machine was shared and noisy: trust the ratios.
"""


def main() -> None:
    """Write both."""
    figures = {name: json.loads((FIGURES / f"{name}.json").read_text()) for name in NAMES}
    (ROOT / "docs/performance.md").write_text(page(figures))
    readme = ROOT / "README.md"
    readme.write_text(with_section(readme.read_text(), figures))


def with_section(readme: str, figures: dict[str, Any]) -> str:
    """Return the README with its section on speed replaced."""
    before, rest = readme.split(BEGIN)
    return before + BEGIN + "\n" + section(figures) + END + rest.split(END)[1]


def section(figures: dict[str, Any]) -> str:
    """Return the README's section."""
    made = figures["generate"]
    recipes, runs = made["recipes"], made["runs"]
    small = figures["load"]["sizes"]["256"]
    peer = small["contenders"][small["best_peer"]]["rate"]
    worker = max(value for name, value in made["memory"].items() if name.startswith("worker"))
    waiting = figures["train_input"]
    segmented, detected = waiting["segmentation"], waiting["detection"]
    return f"""
## Speed

Measured on {made["cores"]} cores, 256×256, with {made["cutouts"]} cutouts and {made["scenes"]} scenes; all of it,
and how, is in [docs/performance.md](docs/performance.md).

- **Generating**, one core, planning to Parquet: {recipes["paste"]["ours"]:,.0f} images a second pasted,
  {recipes["reference"]["ours"]:,.0f} with feathering, exposure and sensor noise, {recipes["cctv-night"]["ours"]:,.0f}
  through the night camera. {runs["images"]:,} images by two workers: {runs["2"]["seconds"]:.1f} s, start-up included;
  two workers render {runs["ratio"]:.2f} times as fast as one. No worker took more than {worker:,.0f} MB.
- **Loading**, two threads, shuffled batches: {small["contenders"]["ours"]["rate"]:,.0f} pictures with masks a second,
  {small["share_of_floor"]:.2f} of bare decoding and {small["times_best_peer"]:.1f} times the best of the other
  libraries ({small["best_peer"]}, {peer:,.0f}); the first batch after
  {small["contenders"]["ours"]["first_batch_s"]:.2f} s.
- **Training** ({waiting["device"]}): {segmented["share_of_ceiling"]:.2f} of the steps that batches already in
  memory allow, with a U-Net over EfficientNet-B0; {detected["share_of_ceiling"]:.2f} with a Mask R-CNN.

"""


def page(figures: dict[str, Any]) -> str:
    """Return docs/performance.md."""
    parts = [HEAD, _generate(figures["generate"]), _load(figures["load"]), _train(figures["train_input"])]
    parts += [_dask(figures["dask_overhead"]), _codec(figures["codec"])]
    parts += [_row_groups(figures["row_groups"]), _shuffle(figures["shuffle"])]
    parts += ["", _export(figures["export"]), _import(figures["import"])]
    parts += [_sequences(figures["sequences"]), _selective_search(figures["selective_search"])]
    return "\n".join(parts)


def _generate(found: dict[str, Any]) -> str:
    rows = [
        (name, f"{it['ours']:,.0f}", f"{it['floor']:,.0f}", f"{it['share']:.2f}")
        for name, it in found["recipes"].items()
    ]
    runs, memory = found["runs"], found["memory"]
    workers = [
        (count, f"{runs[count]['seconds']:.1f} s", f"{runs[count]['start_up']:.1f} s", f"{runs[count]['rate']:,.0f}")
        for count in ("1", "2")
    ]
    return f"""## Generating

`benchmarks/generate.py`, {found["size"][0]}×{found["size"][1]}, one core, everything included (plan, render, encode,
hash, Parquet, durable files). The floor makes as many pictures with as many objects from numbers drawn beforehand by
the fewest calls there are: crop and resize, warp, (feather,) blend, JPEG, PNG, Arrow, Parquet; no plan, no book-keeping
of masks, no hashes, and of the effects only the feathering.

{_table(("recipe", "images/s", "floor", "share"), rows)}
Whole runs of {runs["images"]:,} images. Start-up is what few images cost: imports, intake of the assets, their mip
levels, the cluster.

{_table(("workers", "whole run", "start-up", "images/s after it"), workers)}
Two workers render {runs["ratio"]:.2f} times as fast as one.

{_table(("peak memory", "MB"), [(name, f"{value:,.0f}") for name, value in memory.items()])}"""


def _load(found: dict[str, Any]) -> str:
    text = f"""## Loading

`benchmarks/load.py`: the same JPEG and PNG bytes in each library's own format, shuffled uint8 batches of
{found["batch"]}, {found["workers"]} threads or worker processes, everyone decoding by the same functions. The floor
decodes bytes in memory by two threads into memory that is there already. PSS counts memory once that processes share;
the mapped files count, too.
"""
    for size, it in found["sizes"].items():
        floor = it["contenders"]["decode floor"]["rate"]
        rows = [
            (
                name,
                f"{run['rate']:,.0f}",
                f"{run['rate'] / floor:.2f}",
                "" if name == "decode floor" else f"{run['first_batch_s']:.2f} s",
                f"{run['pss_mb']:,.0f} MB",
            )
            for name, run in sorted(it["contenders"].items(), key=lambda entry: -entry[1]["rate"])
        ]
        text += f"""
{it["rows"]:,} pictures of {size}×{size}: {it["share_of_floor"]:.2f} of the floor, {it["times_best_peer"]:.2f} times
the best library, {it["best_peer"]}.

{_table(("loader", "pictures/s", "of the floor", "first batch", "memory (PSS)"), rows)}"""
    return text


def _train(found: dict[str, Any]) -> str:
    text = f"""## Feeding a trainer

`benchmarks/train_input.py`, 256×256, on: {found["device"]}. Memory: what is there already, so that nothing is read.

"""
    for task, network in (("segmentation", "U-Net over EfficientNet-B0"), ("detection", "Mask R-CNN over MobileNetV2")):
        it = found[task]
        rows = [(name, f"{rate:.2f}", f"{rate * it['batch']:,.1f}") for name, rate in it["steps_a_second"].items()]
        text += f"""{network}, batches of {it["batch"]}: {it["share_of_ceiling"]:.3f} of the ceiling;
{100 * it["share_waiting"]:.2f} % of the time waits for data.

{_table(("batches from", "steps/s", "images/s"), rows)}
"""
    return text


def _dask(found: dict[str, Any]) -> str:
    rows = [
        (
            f"{int(shards):,}",
            f"{it['seconds']:.1f} s",
            f"{it['ms_a_shard']:.2f} ms",
            f"{it['memory_mb']:,.0f} MB",
            f"{it['ms_a_shard'] / 3.6:.2f} hours",
        )
        for shards, it in found.items()
    ]
    head = ("shards", "time", "a shard", "scheduler and client", "10⁹ images, shards of 1,000")
    return f"""## Dask

`benchmarks/dask_overhead.py`: shards that do nothing, through the calls that a run makes.

{_table(head, rows)}"""


def _codec(found: dict[str, Any]) -> str:
    text = """## Codecs

`benchmarks/codec.py`: a mask is an 8-bit grey PNG because every tool reads its pixels as numbers: of 1, 2 and 4 bits
OpenCV makes 255 of a 1, unless they come with a palette, which it turns into colours. Nor do lower depths save much.
"""
    for size, kinds in found.items():
        for kind, codecs in kinds.items():
            rows = [
                (name, f"{it['write_ms']:.3f} ms", f"{it['read_ms']:.3f} ms", f"{it['bytes']:,.0f}")
                for name, it in codecs.items()
            ]
            text += f"\n{kind.capitalize()} of {size}×{size}:\n\n{_table(('codec', 'write', 'read', 'bytes'), rows)}"
    return text


def _row_groups(found: dict[str, Any]) -> str:
    rows = [
        (size, *(f"{it[name]:.3f} ms" for name in ("write_ms", "load_ms", "row_ms")), f"{it['overhead_bytes']:,.0f}")
        for size, it in found.items()
    ]
    head = ("rows in a group", "write a row", "load a row", "read one row", "bytes a row beside the pictures")
    return f"""## Row groups

`benchmarks/row_groups.py`, 256×256. `ShardLoader` finds pictures in the mapped file, so the size of a group means
nothing to it; readers of single rows want small groups, readers of columns large ones. synthgen writes 128 rows.

{_table(head, rows)}"""


def _shuffle(found: dict[str, Any]) -> str:
    rows = [(f"{int(window):,}", f"{it['displacement']:.3f}", f"{it['balance']:.2f}") for window, it in found.items()]
    return f"""## Shuffling

`benchmarks/shuffle.py`: blocks of 128 rows are shuffled over the whole split, rows within a window of many blocks. The
worst case is a split whose first half is one class. Displacement is the mean distance a row travels as a share of the
split (1/3 is perfect); balance the spread of one class's share over batches against that of a perfect shuffle (1 is
perfect).

{_table(("window, rows", "displacement", "balance"), rows)}
`ShardLoader` takes windows of 16,384 rows, a few hundred megabytes of mapped files at 256×256; synthgen's own rows come
in no order, so windows of any size do for them, and splits below 16,384 rows are shuffled perfectly."""


def _export(found: dict[str, Any]) -> str:
    workers, ours, instead = found["workers"], found["formats"], found["instead"]
    rows = [(name, *_pace(it, workers), *_beside(it, instead.get(name))) for name, it in ours.items()]
    theirs = min(it["rows"] for it in instead.values())
    head = ("format", "rows/s", "CPU time a row", "rows/s of idle cores", "instead", "CPU time a row", "times ours")
    return f"""## Exporting

`benchmarks/export.py`: {found["rows"]:,} rows of 256×256, {workers} worker processes, files on a disk. Other work
took the cores meanwhile, so rows by the clock are few; "idle cores" is what {workers} of them would make of the CPU
time. The floor copies the images alone to files.

On the right stands what a user would pick instead, for {theirs:,.0f} of the rows: read by the same code, the same JPEG
bytes kept, in the one process that the library works in. Datumaro writes COCO with run lengths; Pascal VOC with boxes,
masks of classes and masks of instances; the same without boxes beside our plain folders, which it has no format for;
and YOLO boxes. webdataset's `ShardWriter` writes the tars.

{_table(head, rows)}"""


def _beside(ours: dict[str, float], theirs: dict[str, Any] | None) -> tuple[str, str, str]:
    if theirs is None:
        return "", "", ""
    return theirs["library"], f"{theirs['cpu_us']:,.0f} µs", f"{theirs['cpu_us'] / ours['cpu_us']:.1f}"


def _pace(found: dict[str, float], cores: int) -> tuple[str, str, str]:
    return f"{found['rate']:,.0f}", f"{found['cpu_us']:,.0f} µs", f"{1e6 * cores / found['cpu_us']:,.0f}"


def _import(found: dict[str, Any]) -> str:
    cores, size = found["cores"], "×".join(map(str, found["size"]))
    each = f"{found['bytes'] / 1000:,.0f} kB"
    rows = [
        (name, f"{it['cpu_ms']:.1f} ms", f"{1000 * cores / it['cpu_ms']:,.0f}") for name, it in found["results"].items()
    ]
    return f"""## Importing

`benchmarks/import.py`: {found["files"]:,} RGBA files of {size}, {each} each, that need no change and
are copied byte for byte. Each is decoded, judged, compared with all others, and safe on the disk. The floor reads,
decodes by the same function and writes durably by the same function, in sixteen threads. The last column is what
{cores} idle cores make of the CPU time.

{_table(("", "CPU time a file", "files/s of idle cores"), rows)}"""


def _sequences(found: dict[str, Any]) -> str:
    rows = [
        (name, f"{it['pictures']:,.0f}", f"{it['frames']:,.0f}", f"{it['ratio']:.2f}")
        for name, it in found["recipes"].items()
    ]
    return f"""## Sequences

`benchmarks/sequences.py`: frames beside single pictures of the same recipe, one core, by CPU time.

{_table(("recipe", "pictures/s", "frames/s", "ratio"), rows)}"""


def _selective_search(found: dict[str, Any]) -> str:
    rows = [
        (
            name,
            f"{it['seconds']:.2f}",
            *(f"{it[key]:.2f}" if key in it else "" for key in ("regions", "grouping")),
            f"{it['boxes']:,.0f}",
        )
        for name, it in found["searches"].items()
    ]
    head = ("search", "CPU seconds a picture", "first regions", "grouping", "boxes")
    return f"""## Selective search

`benchmarks/selective_search.py`: {found["pictures"]} photos of 480×640, one thread, medians. "single" has one
strategy, as ours has; "fast" is what its users call.

{_table(head, rows)}"""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, rule, *rows))


if __name__ == "__main__":
    main()
