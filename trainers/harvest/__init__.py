"""Assets out of photographs: cutouts from boxes, look-alikes from false alarms."""

__all__: list[str] = []
