"""What ten renditions of a phone's photo cost: ours, the way everybody begins, and libvips.

`python -m tests.bench.media [ROUNDS]` prints a table. Every job runs in a fresh process that has
loaded its decoders; rounds alternate, so that a busy machine is as busy for each.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Final, cast

from PIL import Image, ImageMath

# Neither Pillow's nor libvips' signatures are complete without packages that are not installed.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportMissingTypeStubs=false

_WIDTHS: Final = (1920, 1280, 960, 640, 320)
_SIZE: Final = (4000, 3000)
_RENDITIONS: Final = 2 * len(_WIDTHS)
_ROOT: Final = Path(__file__).resolve().parents[2]

Made = dict[str, bytes]


def _name(width: int, kind: str) -> str:
    return f"{width}.{kind}"


def _ours(content: bytes) -> Made:
    from services.ingest.media import render

    kinds = {"image/avif": "avif", "image/jpeg": "jpeg"}
    return {_name(made.width, kinds[made.media_type]): made.content for made in render(content)}


def _pillow(content: bytes, speed: int) -> Made:
    """Open, resize and save for each width, as a first version does."""
    made: Made = {}
    for width in _WIDTHS:
        with Image.open(BytesIO(content)) as image:
            picture = image.convert("RGB").resize(
                (width, image.height * width // image.width), Image.Resampling.LANCZOS
            )
        for kind, options in (
            ("avif", {"quality": 62, "speed": speed, "max_threads": 1}),
            ("jpeg", {"quality": 80}),
        ):
            file = BytesIO()
            picture.save(file, kind, **options)
            made[_name(width, kind)] = file.getvalue()
    return made


def _vips(content: bytes) -> Made:
    """Chain libvips the way ours is chained: decoded at a half, each width from the one above."""
    import pyvips

    made: Made = {}
    picture = pyvips.Image.thumbnail_buffer(content, _WIDTHS[0]).copy_memory()
    for width in _WIDTHS:
        if picture.width != width:
            picture = picture.resize(width / picture.width).copy_memory()
        made[_name(width, "avif")] = picture.heifsave_buffer(
            compression="av1", Q=62, effort=0, subsample_mode="on"
        )
        made[_name(width, "jpeg")] = picture.jpegsave_buffer(Q=80)
    return made


_PIPELINES: Final[dict[str, Callable[[bytes], Made]]] = {
    "ours": _ours,
    "pillow, avif speed 6": lambda content: _pillow(content, 6),
    "pillow, avif speed 9": lambda content: _pillow(content, 9),
    "libvips chain": _vips,
}

_PLUGINS: Final = ("PIL.AvifImagePlugin", "PIL.JpegImagePlugin")
#: What a process that has been at work for a while has loaded.
_LOADED: Final[dict[str, tuple[str, ...]]] = {
    "ours": ("services.ingest.media.child",),
    "pillow, avif speed 6": _PLUGINS,
    "pillow, avif speed 9": _PLUGINS,
    "libvips chain": ("pyvips",),
}


def _one_job(pipeline: str, photo: Path, folder: Path) -> None:
    """Do one job in this process and say what it cost."""
    for module in _LOADED[pipeline]:
        import_module(module)
    content = photo.read_bytes()
    before = getrusage(RUSAGE_SELF)
    made = _PIPELINES[pipeline](content)
    after = getrusage(RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    for name, rendition in made.items():
        (folder / name).write_bytes(rendition)
    print(json.dumps({"cpu": cpu, "peak": _peak_bytes()}))


def _peak_bytes() -> int:
    # Not ru_maxrss: that counts what the parent had when it started us.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def measure(rounds: int = 5) -> dict[str, object]:
    """Run every pipeline this many times, in turn, and give its cost and its likeness."""
    from tests.photos import a_photo

    costs: dict[str, list[dict[str, float]]] = {name: [] for name in _PIPELINES}
    with tempfile.TemporaryDirectory() as scratch:
        photo = Path(scratch) / "photo.jpg"
        photo.write_bytes(a_photo(*_SIZE, quality=92))
        folders = {name: Path(scratch) / str(at) for at, name in enumerate(_PIPELINES)}
        for folder in folders.values():
            folder.mkdir()
        for _ in range(rounds):
            for name, folder in folders.items():
                costs[name].append(_in_a_fresh_process(name, photo, folder))
        ideals = _ideals(photo)
        rows = [_row(name, costs[name], folders[name], ideals) for name in _PIPELINES]
        size = photo.stat().st_size
    ours = rows[0]
    return {
        "photo": {"width": _SIZE[0], "height": _SIZE[1], "bytes": size},
        "rounds": rounds,
        "versions": {name: version(name) for name in ("pillow", "pyvips", "pyvips-binary")},
        "rows": rows,
        "ratios": {
            cast("str", row["pipeline"]): {
                what: round(cast("float", ours[what]) / cast("float", row[what]), 3)
                for what in ("cpu_seconds", "peak_megabytes", "kilobytes")
            }
            for row in rows[1:]
        },
    }


def _in_a_fresh_process(pipeline: str, photo: Path, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.media", pipeline, str(photo), str(folder)],
        cwd=_ROOT,
        env={**os.environ, "VIPS_CONCURRENCY": "1"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    return cast("dict[str, float]", json.loads(done.stdout))


def _row(
    pipeline: str, costs: list[dict[str, float]], folder: Path, ideals: dict[int, Image.Image]
) -> dict[str, object]:
    cpu = [cost["cpu"] for cost in costs]
    files = sorted(folder.iterdir())
    assert len(files) == _RENDITIONS, f"{pipeline} made {len(files)} renditions"
    likeness = {
        kind: [
            _ssim(Image.open(file).convert("L"), ideals[int(file.stem)])
            for file in files
            if file.suffix == f".{kind}"
        ]
        for kind in ("avif", "jpeg")
    }
    return {
        "pipeline": pipeline,
        "cpu_seconds": round(statistics.median(cpu), 3),
        "cpu_spread": [round(min(cpu), 3), round(max(cpu), 3)],
        "renditions_a_second": round(_RENDITIONS / statistics.median(cpu), 1),
        "peak_megabytes": round(statistics.median(cost["peak"] for cost in costs) / 1e6, 1),
        "kilobytes": round(sum(file.stat().st_size for file in files) / 1000),
        "ssim_avif": round(statistics.mean(likeness["avif"]), 4),
        "ssim_jpeg": round(statistics.mean(likeness["jpeg"]), 4),
        "ssim_least": round(min(likeness["avif"] + likeness["jpeg"]), 4),
    }


def _ideals(photo: Path) -> dict[int, Image.Image]:
    with Image.open(photo) as image:
        whole = image.convert("RGB")
    height = _SIZE[1]
    return {
        width: whole.resize((width, height * width // _SIZE[0]), Image.Resampling.LANCZOS).convert(
            "L"
        )
        for width in _WIDTHS
    }


def _ssim(one: Image.Image, other: Image.Image) -> float:
    """Compare two grey pictures in blocks of 8 by 8: 1 is the same, 0 is nothing alike."""
    a, b = one.convert("F"), other.convert("F")
    mean_a, mean_b = a.reduce(8), b.reduce(8)
    square_a, square_b, product = (
        ImageMath.lambda_eval(lambda of: of["x"] * of["y"], x=x, y=y).reduce(8)
        for x, y in ((a, a), (b, b), (a, b))
    )
    scores = ImageMath.lambda_eval(
        lambda of: (
            (2 * of["ma"] * of["mb"] + 6.5)
            * (2 * (of["ab"] - of["ma"] * of["mb"]) + 58.5)
            / (of["ma"] * of["ma"] + of["mb"] * of["mb"] + 6.5)
            / (of["aa"] - of["ma"] * of["ma"] + of["bb"] - of["mb"] * of["mb"] + 58.5)
        ),
        ma=mean_a,
        mb=mean_b,
        aa=square_a,
        bb=square_b,
        ab=product,
    )
    return float(cast("float", scores.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))))


def _table(measured: dict[str, object]) -> str:
    rows = cast("list[dict[str, object]]", measured["rows"])
    columns = list(rows[0])
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(str(row[column]) for column in columns) for row in rows]
    ratios = cast("dict[str, dict[str, float]]", measured["ratios"])
    lines += ["", *(f"ours / {name}: {ratio}" for name, ratio in ratios.items())]
    return "\n".join(lines)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [pipeline, photo, folder]:
            _one_job(pipeline, Path(photo), Path(folder))
        case [rounds]:
            print(_table(measure(int(rounds))))
        case _:
            print(_table(measure()))
