"""synthgen: large synthetic datasets with perfect masks. Never imports torch.

    synthgen.load_pipeline("pipeline.yaml")      the whole file, validated
    synthgen.preview(pipeline, 8)                rows rendered to be looked at; nothing is written
    synthgen.generate(pipeline, "data/mine")     the dataset, or the rest of it
    synthgen.open("data/mine")                   a dataset as a sequence of rows

What a name needs is imported when the name is first used, so that `import synthgen` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthgen.config import PipelineConfig, load_pipeline
    from synthgen.interface import Dataset, Preview, Row, generate, open, preview

__all__ = [
    "Dataset",
    "PipelineConfig",
    "Preview",
    "Row",
    "__version__",
    "generate",
    "load_pipeline",
    "open",
    "preview",
]

__version__ = "0.1.0"

if not TYPE_CHECKING:  # else every name would be known to type checkers
    _CONFIG = ("PipelineConfig", "load_pipeline")

    def __getattr__(name: str) -> Any:
        """Import what a public name needs."""
        if name not in __all__:
            raise AttributeError(f"module 'synthgen' has no attribute {name!r}; there are: {', '.join(__all__)}")
        module = import_module("synthgen.config" if name in _CONFIG else "synthgen.interface")
        value = globals()[name] = getattr(module, name)
        return value

    def __dir__() -> list[str]:
        """Name what is public."""
        return list(__all__)
