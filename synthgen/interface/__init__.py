"""What Python offers: datasets opened, pipelines generated and previewed. `import synthgen` gives all of it by name."""

from synthgen.interface.dataset import Dataset, open
from synthgen.interface.making import Preview, generate, preview
from synthgen.interface.row import Row

__all__ = ["Dataset", "Preview", "Row", "generate", "open", "preview"]
