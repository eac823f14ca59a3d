"""Pictures a second of a whole epoch: ours, the decode floor, and what other libraries make of the same bytes.

    .venv-bench/bin/python benchmarks/load.py --foregrounds DIR --backgrounds DIR --json load.json

A dataset is generated once and written over into each library's own format: the same JPEG and PNG bytes everywhere.
Every contender gives shuffled uint8 batches of 64 with two threads or two worker processes, and decodes by the same
functions. Each run is a process of its own: time to the first batch (libraries imported already), an epoch to
warm up, in its middle the memory of the process tree (PSS: what processes share counts once), then a timed
epoch. Runs of all contenders alternate; medians are reported.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from synthgen.engine import GenerationConfig, generate
from synthgen.shards.codec import decode_image, decode_mask
from synthgen.shards.reader import ShardDataset
from trainers.loading.loader import ShardLoader

ROOT = Path(__file__).resolve().parent.parent
BATCH, WORKERS, SHARD_ROWS = 64, 2, 512
Epochs = Callable[[], Iterable[Any]]


def ours(folder: Path) -> Epochs:
    """`ShardLoader`."""
    loader = ShardLoader(folder / "ours", "train", batch_size=BATCH, seed=0, shuffle=True, threads=WORKERS)
    return lambda: loader


def floor(folder: Path) -> Epochs:
    """Bytes in memory, decoded by two threads into memory that is there already: no loader can do without it."""
    table = ShardDataset.open(folder / "ours").table("train", ["image", "mask"])
    cells = [table[name].combine_chunks().field("bytes").to_pylist() for name in ("image", "mask")]
    size = decode_mask(cells[1][0]).shape
    images, masks = np.zeros((WORKERS, BATCH, *size, 3), np.uint8), np.zeros((WORKERS, BATCH, *size), np.uint8)

    def decode(thread: int) -> None:
        for row in range(thread, len(cells[0]), WORKERS):
            place = row // WORKERS % BATCH
            decode_image(cells[0][row], out=images[thread, place])
            masks[thread, place] = decode_mask(cells[1][row])

    def epoch() -> Iterator[np.ndarray]:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(decode, range(WORKERS)))
        yield from np.array_split(np.empty(len(cells[0])), -(-len(cells[0]) // BATCH))

    return epoch


def naive_parquet(folder: Path) -> Epochs:
    """Row groups in random order through Arrow, decoded by a pool of threads, stacked."""
    files = [pq.ParquetFile(path, memory_map=True) for path in sorted((folder / "ours").glob("*.parquet"))]
    groups = [(file, group) for file in files for group in range(file.num_row_groups)]
    rng = np.random.default_rng(0)

    def decode(row: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        return decode_image(row["image"]["bytes"]), decode_mask(row["mask"]["bytes"])

    def epoch() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        with ThreadPoolExecutor(WORKERS) as pool:
            for number in rng.permutation(len(groups)):
                file, group = groups[number]
                rows = file.read_row_group(group, columns=["image", "mask"]).to_pylist()
                rng.shuffle(rows)  # type: ignore[arg-type]
                for first in range(0, len(rows), BATCH):
                    images, masks = zip(*pool.map(decode, rows[first : first + BATCH]), strict=True)
                    yield np.stack(images), np.stack(masks)

    return epoch


def folder_of_files(folder: Path) -> Epochs:
    """One JPEG and one PNG a sample."""
    return _torch_loader(_Files(sorted((folder / "files").glob("*.jpg"))), shuffle=True)


def datasets_map(folder: Path) -> Epochs:
    """Hugging Face `datasets`, Arrow files on disk, any row at once."""
    import datasets

    files = sorted(str(path) for path in (folder / "ours").glob("*.parquet"))
    rows = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(folder / "huggingface"))
    rows = rows.select_columns(["image", "mask"])
    for name in ("image", "mask"):
        rows = rows.cast_column(name, datasets.Image(decode=False))
    return _torch_loader(_Decoded(rows), shuffle=True)


def datasets_streaming(folder: Path) -> Epochs:
    """Hugging Face `datasets`, straight from the shards, a buffer of 1,000 shuffled."""
    import datasets

    files = sorted(str(path) for path in (folder / "ours").glob("*.parquet"))
    rows = datasets.load_dataset("parquet", data_files=files, split="train", streaming=True)
    rows = rows.select_columns(["image", "mask"])
    for name in ("image", "mask"):
        rows = rows.cast_column(name, datasets.Image(decode=False))
    return _torch_loader(rows.shuffle(seed=0, buffer_size=1000).map(_decoded_row, remove_columns=["image", "mask"]))


def webdataset(folder: Path) -> Epochs:
    """Tar files, a buffer of 1,000 shuffled."""
    import webdataset

    tars = sorted(str(path) for path in (folder / "tars").glob("*.tar"))
    rows = webdataset.WebDataset(tars, shardshuffle=len(tars), seed=0).shuffle(1000).to_tuple("jpg", "png")
    return _torch_loader(rows.map(_decoded_pair))


def litdata(folder: Path) -> Epochs:
    """LitData's own chunks and loader."""
    from litdata import StreamingDataLoader, StreamingDataset

    rows = StreamingDataset(str(folder / "litdata"), shuffle=True, transform=_decoded_dict)
    loader = StreamingDataLoader(rows, batch_size=BATCH, num_workers=WORKERS, persistent_workers=True)
    return lambda: loader


def mosaicml(folder: Path) -> Epochs:
    """MosaicML Streaming's own shards."""
    from streaming import StreamingDataset
    from streaming.base.util import clean_stale_shared_memory

    class Rows(StreamingDataset):  # type: ignore[misc]
        def __getitem__(self, index: Any) -> tuple[np.ndarray, np.ndarray]:
            return _decoded_dict(super().__getitem__(index))

    clean_stale_shared_memory()
    return _torch_loader(Rows(local=str(folder / "mosaicml"), shuffle=True, batch_size=BATCH))


CONTENDERS: dict[str, Callable[[Path], Epochs]] = {
    "ours": ours,
    "decode floor": floor,
    "naive Parquet, threads": naive_parquet,
    "LitData": litdata,
    "datasets, map": datasets_map,
    "folder of files": folder_of_files,
    "WebDataset": webdataset,
    "MosaicML Streaming": mosaicml,
    "datasets, streaming": datasets_streaming,
}
NO_PEERS = ("ours", "decode floor", "naive Parquet, threads")  # references, not libraries


class _Files:
    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        path = self._paths[index]
        return decode_image(path.read_bytes()), decode_mask(path.with_suffix(".png").read_bytes())


class _Decoded:
    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        row = self._rows[index]
        return decode_image(row["image"]["bytes"]), decode_mask(row["mask"]["bytes"])


def _decoded_row(row: dict[str, Any]) -> dict[str, np.ndarray]:
    return {"pixels": decode_image(row["image"]["bytes"]), "numbers": decode_mask(row["mask"]["bytes"])}


def _decoded_pair(row: tuple[bytes, bytes]) -> tuple[np.ndarray, np.ndarray]:
    return decode_image(row[0]), decode_mask(row[1])


def _decoded_dict(row: dict[str, bytes]) -> tuple[np.ndarray, np.ndarray]:
    return decode_image(row["image"]), decode_mask(row["mask"])


def _torch_loader(rows: Any, shuffle: bool = False) -> Epochs:
    from torch.utils.data import DataLoader

    loader = DataLoader(rows, batch_size=BATCH, shuffle=shuffle, num_workers=WORKERS, persistent_workers=True)
    return lambda: loader


def run_one(name: str, folder: Path, rows: int) -> dict[str, float]:
    """Measure one contender in this process."""
    if name not in NO_PEERS:
        import torch  # noqa: F401  # imports are no part of the time to the first batch

        if name.startswith("datasets"):
            import datasets  # noqa: F401
        if name == "LitData":
            import litdata  # noqa: F401
        if name == "MosaicML Streaming":
            import streaming  # noqa: F401
    start = time.perf_counter()
    epochs = CONTENDERS[name](folder)
    first, memory = 0.0, 0.0
    for number, _ in enumerate(epochs()):
        if number == 0:
            first = time.perf_counter() - start
        if number == rows // BATCH // 2:
            memory = _tree_memory()
    start = time.perf_counter()
    batches = sum(1 for _ in epochs())
    seconds = time.perf_counter() - start
    assert abs(batches - rows / BATCH) <= WORKERS, f"{name} gave {batches} batches"
    return {"rate": rows / seconds, "first_batch_s": first, "pss_mb": memory}


def _tree_memory() -> float:
    me = psutil.Process()
    return sum(process.memory_full_info().pss for process in (me, *me.children(recursive=True))) / 2**20


def prepare(folder: Path, size: int, rows: int, arguments: argparse.Namespace) -> None:
    """Generate the dataset and write it over into every format."""
    config = GenerationConfig.model_validate(
        {
            "seed": 1,
            "assets": {"foregrounds": arguments.foregrounds, "backgrounds": arguments.backgrounds},
            "size": [size, size],
            "samples": {"train": rows},
            "output": {"path": folder / "ours", "shard_rows": SHARD_ROWS},
        }
    )
    generate(config, folder / "ours", console=Console(quiet=True))
    (folder / "files").mkdir()
    (folder / "tars").mkdir()
    for row in ShardDataset.open(folder / "ours").rows("train", ["sample_id", "image", "mask"]):
        for column, suffix in (("image", "jpg"), ("mask", "png")):
            (folder / "files" / f"{row['sample_id']}.{suffix}").write_bytes(row[column]["bytes"])
    _write_tars(folder)
    _write_litdata(folder)
    _write_mosaicml(folder)


def _pairs(folder: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    for path in sorted((folder / "files").glob("*.jpg")):
        yield path.stem, {"image": path.read_bytes(), "mask": path.with_suffix(".png").read_bytes()}


def _write_tars(folder: Path) -> None:
    import webdataset

    with webdataset.ShardWriter(str(folder / "tars" / "%05d.tar"), maxcount=SHARD_ROWS, verbose=0) as writer:
        for name, row in _pairs(folder):
            writer.write({"__key__": name, "jpg": row["image"], "png": row["mask"]})


def _write_litdata(folder: Path) -> None:
    from litdata.streaming.writer import BinaryWriter

    (folder / "litdata").mkdir()
    writer = BinaryWriter(str(folder / "litdata"), chunk_bytes="10MB")
    for index, (_, row) in enumerate(_pairs(folder)):
        writer.add_item(index, row)
    writer.done()
    writer.merge()


def _write_mosaicml(folder: Path) -> None:
    from streaming import MDSWriter

    with MDSWriter(
        out=str(folder / "mosaicml"), columns={"image": "bytes", "mask": "bytes"}, size_limit=1 << 24
    ) as writer:
        for _, row in _pairs(folder):
            writer.write(row)


def main() -> None:
    """Measure all contenders at each size; print tables, write JSON."""
    arguments = _arguments()
    if arguments.one:
        print(json.dumps(run_one(arguments.one, arguments.folder, arguments.rows)))
        return
    results: dict[str, Any] = {"rounds": arguments.rounds, "batch": BATCH, "workers": WORKERS, "sizes": {}}
    for size in arguments.sizes:
        rows = arguments.rows * 256 // size // BATCH * BATCH  # as long an epoch for larger pictures
        with tempfile.TemporaryDirectory() as folder:
            prepare(Path(folder), size, rows, arguments)
            results["sizes"][str(size)] = {"rows": rows, **_measure(Path(folder), rows, arguments.rounds)}
        _print(size, results["sizes"][str(size)])
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def _measure(folder: Path, rows: int, rounds: int) -> dict[str, Any]:
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds):
        for name, found in runs.items():
            command = [sys.executable, "-W", "ignore", __file__, "--one", name, "--folder", folder, "--rows", str(rows)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
            found.append(json.loads(done.stdout.splitlines()[-1]))
    contenders = {
        name: {key: statistics.median(run[key] for run in found) for key in found[0]} for name, found in runs.items()
    }
    best = max((name for name in contenders if name not in NO_PEERS), key=lambda name: contenders[name]["rate"])
    rate = contenders["ours"]["rate"]
    return {
        "contenders": contenders,
        "share_of_floor": rate / contenders["decode floor"]["rate"],
        "best_peer": best,
        "times_best_peer": rate / contenders[best]["rate"],
    }


def _print(size: int, found: dict[str, Any]) -> None:
    title = f"{found['rows']:,} pictures of {size}×{size}, {WORKERS} workers"
    table = Table("loader", "pictures/s", "of the floor", "first batch", "memory (PSS)", title=title)
    best = found["contenders"]["decode floor"]["rate"]
    for name, run in sorted(found["contenders"].items(), key=lambda item: -item[1]["rate"]):
        memory = f"{run['pss_mb']:,.0f} MB"
        table.add_row(name, f"{run['rate']:,.0f}", f"{run['rate'] / best:.2f}", f"{run['first_batch_s']:.2f} s", memory)
    Console().print(table, f"ours is {found['times_best_peer']:.2f} times the best peer, {found['best_peer']}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--rows", type=int, default=8192, help="pictures of 256×256; fewer of larger ones")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
