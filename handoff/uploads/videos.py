"""Short videos from strangers: looked into by ffprobe and copied by ffmpeg into a container of our own, without place or camera.

The demuxer is forced: a playlist named .mp4 would otherwise be opened as one, and fetch what it lists. Without the two programs a
video is known by its content alone.
"""

import asyncio
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import filetype  # type: ignore[import-untyped]

from handoff.uploads.clean import CleanFile, FileRefused
from handoff.uploads.programs import run

TYPES = {"video/mp4": "mov", "video/x-m4v": "mov", "video/webm": "matroska"}  # and the demuxer that reads them
VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"})
AUDIO_CODECS = frozenset({"aac", "mp3", "opus", "vorbis", "amr_nb"})
PROBE_CPU_S, PROBE_WITHIN_S = 5, 30.0
COPY_CPU_S, COPY_WITHIN_S = 20, 60.0
LARGEST_SIDE = 8192


class VideoRefused(FileRefused):
    """Not a video that we take. ``code`` is ``video_type``, ``video_long`` or ``video_broken``."""


def is_video(data: bytes | bytearray) -> bool:
    """Whether the content is of a kind that we take, going by its first bytes."""
    return filetype.guess_mime(bytes(data[:4096])) in TYPES


async def clean_video(data: bytes, *, longest_s: float) -> CleanFile:
    """The video in *data*. Raises ``VideoRefused`` and ``Overdue``."""
    kind = filetype.guess_mime(data[:4096])
    if kind not in TYPES:
        raise VideoRefused("video_type")
    media_type = "video/webm" if kind == "video/webm" else "video/mp4"
    name = media_type.replace("/", ".")
    ffprobe, ffmpeg = shutil.which("ffprobe"), shutil.which("ffmpeg")
    if ffprobe is None:
        return CleanFile(data, media_type, name)
    with TemporaryDirectory(prefix="huiyin-video-") as folder:
        source = Path(folder) / "in"
        await asyncio.to_thread(source.write_bytes, data)
        _check(await _probe(ffprobe, TYPES[kind], source), longest_s)
        if ffmpeg is None:
            return CleanFile(data, media_type, name)
        return CleanFile(await _copied(ffmpeg, TYPES[kind], source, media_type), media_type, name)


async def _probe(ffprobe: str, demuxer: str, source: Path) -> dict[str, Any]:
    entries = "format=duration:stream=codec_type,codec_name,width,height"
    ran = await run(
        *(ffprobe, "-v", "error", "-protocol_whitelist", "file", "-f", demuxer, "-of", "json"),
        *("-show_entries", entries, "-i", f"file:{source}"),
        cpu_s=PROBE_CPU_S,
        within_s=PROBE_WITHIN_S,
    )
    # A file cut short is probed with exit 0 and a complaint.
    if ran.code != 0 or ran.complaints.strip():
        raise VideoRefused("video_broken")
    try:
        found: dict[str, Any] = json.loads(ran.out)
    except ValueError:
        raise VideoRefused("video_broken") from None
    return found


def _check(found: dict[str, Any], longest_s: float) -> None:
    streams = found.get("streams", [])
    pictures = [item for item in streams if item.get("codec_type") == "video"]
    sounds = [item for item in streams if item.get("codec_type") == "audio"]
    if not pictures or any(item.get("codec_name") not in VIDEO_CODECS for item in pictures):
        raise VideoRefused("video_type")
    if any(item.get("codec_name") not in AUDIO_CODECS for item in sounds):
        raise VideoRefused("video_type")
    if any(not 0 < int(item.get(side, 0)) <= LARGEST_SIDE for item in pictures for side in ("width", "height")):
        raise VideoRefused("video_broken")
    try:
        seconds = float(found["format"]["duration"])
    except (KeyError, ValueError):
        raise VideoRefused("video_broken") from None
    if not 0 < seconds <= longest_s:
        raise VideoRefused("video_long" if seconds > longest_s else "video_broken")


async def _copied(ffmpeg: str, demuxer: str, source: Path, media_type: str) -> bytes:
    """Picture and sound as they are, in a new container: titles, places and whatever was hidden between are left behind."""
    target = source.with_name("out")
    muxer = ("-f", "webm") if media_type == "video/webm" else ("-movflags", "+faststart", "-f", "mp4")
    ran = await run(
        *(ffmpeg, "-v", "error", "-nostdin", "-protocol_whitelist", "file", "-f", demuxer, "-i", f"file:{source}"),
        *(
            "-map",
            "0:v:0",
            "-map",
            "0:a:0?",
            "-c",
            "copy",
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            *muxer,
            f"file:{target}",
        ),
        cpu_s=COPY_CPU_S,
        within_s=COPY_WITHIN_S,
    )
    if ran.code != 0:
        raise VideoRefused("video_broken")
    return await asyncio.to_thread(target.read_bytes)
