"""The closed loop: where a model fails decides what is generated next."""

__all__: list[str] = []
