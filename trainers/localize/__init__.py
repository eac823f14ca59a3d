"""Where on a picture that lies which a label or a prompt names: maps by methods that saw no mask."""

__all__: list[str] = []
