"""Import: what others have drawn, cut or photographed becomes a folder of assets with a catalog."""

__all__: list[str] = []
