"""GIFs: every picture of them drawn anew, so that nothing that was hidden between the pictures rides along."""

import io
import itertools

import filetype  # type: ignore[import-untyped]
from PIL import Image, ImageSequence

from handoff.uploads.clean import WRITTEN, CleanFile, ImageRefused
from handoff.uploads.images import MAX_PIXELS

LONGEST_SIDE = 800  # what moves explains a step in an app, and is shown small
MOST_PICTURES = 300
SHORTEST_MS = 20  # browsers show nothing faster


def is_animation(data: bytes) -> bool:
    """Whether it is a GIF, moving or not."""
    return bool(filetype.guess_mime(data[:4096]) == "image/gif")


def clean_animation(data: bytes) -> CleanFile:
    """The GIF in *data* with its pictures and their times alone: no comment, no profile, nothing behind its end.

    Takes up to some seconds of a processor: the service has it done elsewhere (``apart``). Raises ``ImageRefused``.
    """
    try:
        return _written_anew(data)
    except ImageRefused:
        raise
    except Image.DecompressionBombError:
        raise ImageRefused("image_pixels") from None
    except Exception as error:  # noqa: BLE001 -- whatever a decoder trips over, the reason is the file
        raise ImageRefused("image_pixels" if isinstance(error, Image.DecompressionBombWarning) else "image_broken") from None


def _written_anew(data: bytes) -> CleanFile:
    with Image.open(io.BytesIO(data), formats=("GIF",)) as image:
        most = min(MOST_PICTURES, MAX_PIXELS // max(image.width * image.height, 1))
        pictures, times = [], []
        for n, picture in enumerate(itertools.islice(ImageSequence.Iterator(image), most + 1)):
            if n == most:
                raise ImageRefused("image_pixels")
            times.append(max(int(picture.info.get("duration", 0)), SHORTEST_MS))
            pictures.append(_bare(picture))
        endless = {"loop": image.info["loop"]} if "loop" in image.info else {}
    out = io.BytesIO()
    moves = {"save_all": True, "append_images": pictures[1:], "duration": times, "disposal": 2, **endless}
    pictures[0].save(out, "GIF", **(moves if len(pictures) > 1 else {}))
    return CleanFile(out.getvalue(), "image/gif", WRITTEN["image/gif"])


def _bare(picture: Image.Image) -> Image.Image:
    """A new picture has nothing that a writer could carry over. Of few colours: hundreds wait to be written."""
    drawn = picture.convert("RGBA")
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new("RGBA", drawn.size)
    bare.paste(drawn)
    return bare.quantize(method=Image.Quantize.FASTOCTREE)
