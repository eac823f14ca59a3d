"""Networks that give a picture a score for a prompt, which CAMs go by: a CLIP's, torchvision's, or one trained here."""

__all__: list[str] = []
