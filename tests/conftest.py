"""Array shapes and types written in signatures are checked while tests run."""

from jaxtyping import install_import_hook

install_import_hook(["synthgen", "trainers"], "beartype.beartype")
