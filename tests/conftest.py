"""Array shapes and types written in signatures are checked while tests run; examples are the same everywhere.

`pytest --hypothesis-profile=explore` looks for new examples.
"""

import os

from hypothesis import settings
from jaxtyping import install_import_hook

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # no test asks the network
os.environ["HF_HUB_OFFLINE"] = "1"
if "PYTEST_XDIST_WORKER" in os.environ:  # the threads of several processes would crawl beside each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, deadline=None)
settings.load_profile("same")

PIXEL_MODULES = [
    "synthgen.assets",
    "synthgen.core.geometry",
    "synthgen.core.letterbox",
    "synthgen.core.truth",
    "synthgen.ops",
    "synthgen.render",
    "synthgen.report",
    "synthgen.scene",
    "synthgen.shards",
    "trainers.clip",
    "trainers.gap",
    "trainers.loading",
    "trainers.localize",
    "trainers.models.pixels",
    "trainers.score",
    "synthgen.draw",
    "synthgen.formats",
    "synthgen.importing",
    "trainers.tasks",
    "trainers.predict",
    "trainers.pseudo",
    "trainers.show",
]
install_import_hook(PIXEL_MODULES, "typecheck.tower")
