"""Picture files: odd ones become 8-bit RGB or RGBA or are refused with a reason; ours are written as PNG."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import simplejpeg
from PIL import Image, ImageOps, UnidentifiedImageError

from synthgen.core.errors import AssetError, OutputError
from synthgen.core.files import write_atomic
from synthgen.core.types import RGB, RGBA, Size

__all__ = [
    "IMAGE_SUFFIXES",
    "MAX_PIXELS",
    "encode_jpeg",
    "encode_png",
    "read_background",
    "read_foreground",
    "read_header",
    "suffix_of",
    "write_picture",
]

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
MAX_PIXELS = 64_000_000
ORIENTATION = 0x0112  # EXIF tag
PNG_MARKS = (b"eXIf", b"adobe.xmp", b"Raw profile type")  # where a PNG may have one; Pillow decodes it all to know
STARTS = {b"\xff\xd8": ".jpg", b"\x89PNG": ".png"}
SIDEWAYS = (5, 6, 7, 8)  # its values that exchange height and width


def read_foreground(source: Path | BytesIO) -> tuple[RGBA, tuple[str, ...]]:
    """Read a cutout as straight RGBA, which may be read-only, with notes on what had to be converted.

    Raises:
        AssetError: The file cannot serve as a cutout; the message is the reason.
    """
    picture, notes = _open(source)
    if not _has_alpha(picture):
        raise AssetError("no alpha channel, so there is no silhouette; export it with transparency")
    pixels, more = _to_eight_bit(picture, "RGBA")
    alpha = pixels[:, :, 3]
    if alpha.max() < 128:
        raise AssetError("all transparent: no pixel is at least half opaque; export it again")
    if alpha.min() == 255:
        raise AssetError("alpha is fully opaque, so there is no silhouette; export it with transparency")
    return pixels, notes + more


def read_background(source: Path | BytesIO) -> tuple[RGB, tuple[str, ...]]:
    """Read a scene as RGB, with notes on what had to be converted.

    Raises:
        AssetError: The file cannot serve as a scene; the message is the reason.
    """
    picture, notes = _open(source)
    if _has_alpha(picture):
        notes += ("alpha dropped",)
    pixels, more = _to_eight_bit(picture, "RGB")
    return pixels, notes + more


def read_header(source: BytesIO) -> tuple[Size, bool]:
    """Return height and width as `read_background` gives them, and whether it gives the pixels as they are stored.

    They are where the file is a single JPEG or PNG of 8-bit RGB that lies upright.

    Raises:
        AssetError: It is no picture, or too large; the message is the reason.
    """
    picture = _opened(source)
    turned = picture.format != "PNG" or any(mark in source.getvalue() for mark in PNG_MARKS)
    with _judged():
        turn = picture.getexif().get(ORIENTATION, 1) if turned else 1
    plain = picture.format in ("JPEG", "PNG") and picture.mode == "RGB" and turn == 1 and not _has_alpha(picture)
    size = (picture.width, picture.height) if turn in SIDEWAYS else (picture.height, picture.width)
    return size, plain and getattr(picture, "n_frames", 1) == 1


def write_picture(path: Path, pixels: np.ndarray) -> None:
    """Write grey (h, w), RGB (h, w, 3) or RGBA (h, w, 4), uint8, as PNG, atomically.

    Raises:
        OutputError: It cannot be encoded or written.
    """
    try:
        data = encode_png(pixels)
    except OutputError as error:
        raise OutputError(f"{path}: {error}") from error
    write_atomic(path, data)


def encode_png(pixels: np.ndarray) -> bytes:
    """Encode grey (h, w), RGB (h, w, 3) or RGBA (h, w, 4), uint8, as PNG.

    Raises:
        OutputError: It is too large.
    """
    turned = pixels
    if pixels.ndim == 3:
        turned = cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".png", turned)
    if not done:
        raise OutputError(f"an array of shape {pixels.shape} cannot be encoded as PNG; make it smaller")
    return data.tobytes()


def suffix_of(data: bytes) -> str:
    """Return ".jpg" or ".png" for an encoded picture by how it begins; empty for anything else."""
    return next((suffix for start, suffix in STARTS.items() if data.startswith(start)), "")


def encode_jpeg(image: RGB, quality: int) -> bytes:
    """Encode RGB as JPEG of quality 1–100, chroma halved both ways, with the exact transform."""
    data: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality, "RGB", "420", fastdct=False)
    return data


def _open(source: Path | BytesIO) -> tuple[Image.Image, tuple[str, ...]]:
    """Open, decode, and turn upright."""
    notes: tuple[str, ...] = ()
    with _judged(), _opened(source) as picture:
        frames = getattr(picture, "n_frames", 1)
        picture.load()
        turned = picture.getexif().get(ORIENTATION, 1) != 1
        upright = ImageOps.exif_transpose(picture) if turned else picture  # it would copy what stays as it is
    if frames > 1:
        notes += (f"animated, first of {frames} frames taken",)
    if turned:
        notes += ("turned upright by its EXIF orientation",)
    return upright, notes


def _opened(source: Path | BytesIO) -> Image.Image:
    """Read the header alone."""
    with _judged():
        picture = Image.open(source)
        if picture.width * picture.height > MAX_PIXELS:
            picture.close()
            raise AssetError(
                f"{picture.width}×{picture.height} is above {MAX_PIXELS // 10**6} megapixels; reduce it first"
            )
    return picture


@contextmanager
def _judged() -> Iterator[None]:
    """Turn what Pillow raises into reasons."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures and odd metadata; both are judged here
            yield
    except Image.DecompressionBombError as error:
        raise AssetError(f"too large: {error}; reduce it first") from error
    except UnidentifiedImageError as error:
        raise AssetError("not an image that can be read; replace it") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise AssetError(f"damaged or truncated: {error}; replace it") from error


def _has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def _to_eight_bit(picture: Image.Image, mode: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if picture.mode.startswith(("I", "F")):
        return _from_deep_grey(picture, mode)
    notes = () if picture.mode in ("RGB", "RGBA") else (f"{picture.mode} converted to {mode}",)
    return _pixels(picture if picture.mode == mode else picture.convert(mode)), notes


def _pixels(picture: Image.Image) -> np.ndarray:
    """Return the pixels of RGB or RGBA; NumPy copies them twice, which Pillow's own memory of RGBA can do without."""
    if picture.mode == "RGBA":
        with suppress(ValueError):  # above 16 MB it is in pieces
            flat: np.ndarray = pa.array(picture).flatten().to_numpy()
            return flat.reshape(picture.height, picture.width, 4)
    return np.array(picture)


def _from_deep_grey(picture: Image.Image, mode: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scale 16-bit grey to 8 bits; Pillow itself would clip it."""
    deep = np.asarray(picture, dtype=np.float64)
    top = 65535.0 if picture.mode.startswith("I") else max(float(deep.max()), 1.0)
    grey = np.clip(np.rint(deep * (255.0 / top)), 0, 255).astype(np.uint8)
    code = cv2.COLOR_GRAY2RGBA if mode == "RGBA" else cv2.COLOR_GRAY2RGB
    return cv2.cvtColor(grey, code), (f"{picture.mode} (16-bit or float grey) scaled to 8 bits",)
