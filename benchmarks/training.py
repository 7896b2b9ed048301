"""Training the default model from its files, beside the one step that it cannot leave out: solving the equations."""

import json
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from intents.train import train_model
from intents.training_data import read_examples


def solved(size: int, answers: int) -> float:
    """Seconds to solve as many equations as there are examples, for as many answers."""
    random = np.random.default_rng(1)
    rows = random.normal(size=(size, 64)).astype(np.float32)
    kernel = rows @ rows.T + np.eye(size, dtype=np.float32)
    started = time.perf_counter()
    cho_solve(cho_factor(kernel, overwrite_a=True, check_finite=False), random.normal(size=(size, answers)).astype(np.float32))
    return time.perf_counter() - started


def main() -> None:
    """Print one line."""
    started, used = time.perf_counter(), time.process_time()
    examples = read_examples()
    read = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        train_model(examples, path)
        took, used = time.perf_counter() - started, time.process_time() - used
        size = path.stat().st_size
    line = {
        "benchmark": "training",
        "examples": len(examples),
        "trained_s": round(took, 2),
        "cpu_s": round(used, 2),
        "of_it_reading_s": round(read, 2),
        "model_mb": round(size / 1e6, 2),
        "floor_solving_s": round(solved(len(examples), 39), 2),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
