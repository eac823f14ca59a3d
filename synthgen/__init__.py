"""synthgen: large synthetic datasets with perfect masks. Never imports torch."""

__all__ = ["__version__"]

__version__ = "0.1.0"
