"""Array shapes and types written in signatures are checked while tests run."""

from jaxtyping import install_import_hook

PIXEL_MODULES = [
    "synthgen.assets",
    "synthgen.core.geometry",
    "synthgen.ops",
    "synthgen.render",
    "synthgen.report",
    "synthgen.scene",
    "synthgen.shards",
    "trainers.data",
    "trainers.evaluate",
    "trainers.folder",
    "trainers.metrics",
    "trainers.pictures",
    "trainers.predict",
]
install_import_hook(PIXEL_MODULES, "typecheck.tower")
