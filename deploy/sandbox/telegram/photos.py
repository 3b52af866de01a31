"""Pictures that the bot uploads: really decoded, measured and kept."""

from __future__ import annotations

import io

from PIL import Image
from PIL.Image import DecompressionBombError, DecompressionBombWarning

from deploy.sandbox.telegram.limits import check_photo_sides, check_photo_size
from deploy.sandbox.telegram.refused import violation
from deploy.sandbox.telegram.values import File
from deploy.sandbox.telegram.world import World

SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}


def keep_photo(world: World, content: bytes) -> File:
    """Decodes a PNG, JPEG or WebP and keeps its bytes; raises `Refused` for anything else."""
    check_photo_size(content)
    try:
        with Image.open(io.BytesIO(content), formats=tuple(SUFFIXES)) as picture:
            check_photo_sides(picture.width, picture.height)
            picture.load()
            return world.keep_file(content, SUFFIXES[picture.format or ""], picture.width, picture.height)
    except (OSError, ValueError, SyntaxError, DecompressionBombError, DecompressionBombWarning):
        raise violation("IMAGE_PROCESS_FAILED") from None
