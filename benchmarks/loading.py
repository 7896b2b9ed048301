"""What the start of understanding costs, each in its own process: libraries, our package, its model, jieba's dictionary."""

import json
import subprocess
import sys
import tempfile

TIMES = 3  # the fastest of so many says what it takes; the others what else the machine did
# What is timed, after what is loaded before and not counted.
STEPS = {
    "floor_libraries": ("", "import numpy, structlog"),
    "import": ("import numpy, structlog", "import intents.understander"),
    "model": (
        "import intents.understander",
        "from intents.understander import Understander; understander = Understander.load()",
    ),
    "rest": (
        "from intents.understander import Understander; understander = Understander.load()",
        "understander.warm()",
    ),
    "jieba_without_cache": (
        "import tempfile; from pathlib import Path; from intents.segment import Segmenter",
        "words = Segmenter(Path(tempfile.mkdtemp(dir=sys.argv[1]))); words.warm()",
    ),
    "jieba_with_cache": (
        "from pathlib import Path; from intents.segment import Segmenter",
        "words = Segmenter(Path(sys.argv[1], 'jieba')); words.warm()",
    ),
}
TIMED = """
import sys, time, json
{before}
from pathlib import Path as File
def resident():
    lines = File("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
memory, started, used = resident(), time.perf_counter(), time.process_time()
{step}
print(json.dumps([time.perf_counter() - started, time.process_time() - used, resident() - memory]))
"""


def measure(before: str, step: str, folder: str) -> tuple[float, float, float]:
    """Seconds, processor seconds and resident megabytes of *step*."""
    code = TIMED.format(before=before, step=step)
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", code, folder], check=True, capture_output=True).stdout)
        for _ in range(TIMES)
    ]
    wall, used, memory = min(runs)
    return wall, used, memory


def main() -> None:
    """Print one line. jieba's cache lies in a folder of this run alone."""
    line: dict[str, object] = {"benchmark": "loading"}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", f"import sys\n{';'.join(STEPS['jieba_with_cache'])}", folder], check=True)
        for name, (before, step) in STEPS.items():
            wall, used, memory = measure(before, step, folder)
            line |= {f"{name}_ms": round(wall * 1000), f"{name}_cpu_ms": round(used * 1000), f"{name}_mb": round(memory, 1)}
    print(json.dumps(line))


if __name__ == "__main__":
    main()
