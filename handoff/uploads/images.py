"""Pictures from strangers: known by their content, decoded within limits, and written anew so that nothing else rides along."""

import io

import filetype  # type: ignore[import-untyped]
from PIL import Image, ImageOps

from handoff.uploads.clean import WRITTEN, CleanFile, ImageRefused

TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/bmp": "BMP"}
START_OF_SCAN = b"\xff\xda"  # within compressed points 0xff is followed by something else
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 2560  # enough to read a receipt; a 12-megapixel photo shrinks to a few hundred KB
JPEG_QUALITY = 86
MOST_SCANS = 64  # cameras and editors write ten; each is another pass over all points, of a few bytes
COLOURED = {"1": "L", "P": "RGBA", "PA": "RGBA"}  # pictures of few colours, which shrink to something legible only as if of many


def clean_image(data: bytes) -> CleanFile:
    """The picture in *data* without place, camera or hidden parts, upright and not larger than needed.

    Takes up to four seconds of a processor and 800 MB: the service has it done elsewhere (``apart``). Raises ``ImageRefused``.
    """
    found = filetype.guess_mime(data[:4096])
    if found not in TYPES:
        raise ImageRefused("image_type")
    if found == "image/jpeg" and data.count(START_OF_SCAN) > MOST_SCANS:
        raise ImageRefused("image_broken")
    try:
        return _written_anew(data, TYPES[found])
    except ImageRefused:
        raise
    except Image.DecompressionBombError:
        raise ImageRefused("image_pixels") from None
    except Exception as error:  # noqa: BLE001 -- whatever a decoder trips over, the reason is the file
        raise ImageRefused("image_pixels" if isinstance(error, Image.DecompressionBombWarning) else "image_broken") from None


def _written_anew(data: bytes, kind: str) -> CleanFile:
    with Image.open(io.BytesIO(data), formats=(kind,)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ImageRefused("image_pixels")
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG: decode at a smaller scale right away
        small = image.convert(COLOURED[image.mode]) if image.mode in COLOURED else image
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(small)
        # Screenshots stay sharp as PNG; photos become JPEG.
        if kind in ("PNG", "BMP"):
            return _saved(upright.convert("RGBA" if _is_transparent(upright) else "RGB"), "image/png")
        return _saved(_on_white(upright), "image/jpeg")


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info


def _on_white(image: Image.Image) -> Image.Image:
    if not _is_transparent(image):
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _saved(image: Image.Image, media_type: str) -> CleanFile:
    bare = Image.new(image.mode, image.size)  # a new picture has no metadata that a writer could carry over
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, TYPES[media_type], **({"quality": JPEG_QUALITY} if media_type == "image/jpeg" else {}))
    return CleanFile(out.getvalue(), media_type, WRITTEN[media_type])
