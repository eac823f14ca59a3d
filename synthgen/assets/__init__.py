"""Assets: folders of cutouts and scenes become a catalog, then a library ready to render."""

__all__: list[str] = []
