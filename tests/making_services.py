"""The whole service for a test: in process over real HTTP, or as a process of its own that can be killed."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from bot.staff import add_user
from config.settings import Desk, RestChannel, Settings, Turn, load_settings
from store.crypto import write_key_ring

START_TIMEOUT_S = 60
PATIENT_S = 30.0  # a machine that stands still for a moment is not what is tested


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Settings of a small bank that is always open, with an open REST channel and fresh keys."""
    if not (folder / "keys.json").exists():
        write_key_ring(folder / "keys.json")
    chosen: dict[str, Any] = {
        "data_dir": folder,
        "rest": RestChannel(open=True),
        "desk": Desk(opening_hours="00:00-24:00", open_every_day=True),
        "turn": Turn(budget_s=PATIENT_S),
        **changes,
    }
    return load_settings(None, **chosen)


class Process:
    """A `huiyin demo` of its own, on loopback, that a test may kill."""

    command = "demo"

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder.parent / f"{folder.name}.log"
        self._options: list[str] = []

    def serve_with(self, config: Path) -> None:
        """Be a `huiyin serve` with the settings in *config* instead, with keys and an administrator of its own."""
        settings = load_settings(config)
        write_key_ring(self.folder / "keys.json")
        admin = {"login": "admin", "name": "Admin", "role": "administrator", "department": None, "capacity": 1}
        asyncio.run(add_user(settings, **admin, password="a-long-password-of-ours"))
        self.command, self._options = "serve", ["--config", str(config)]

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", *self._options, self.command, "--port", str(self.port), *self._folder_option()],
                stdout=log,
                stderr=log,
                env=self.environment,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log.read_text("utf-8")
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=2).close()
            except OSError:
                continue
            return
        raise AssertionError(self.log.read_text("utf-8"))

    def _folder_option(self) -> list[str]:
        return ["--data-dir", str(self.folder)] if self.command == "demo" else []

    def kill(self) -> None:
        """Kill it at once, as a power cut would end it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def say(self, sender: str, message: str, **metadata: str) -> list[dict[str, Any]]:
        """One message over Rasa's REST channel, and its answers."""
        body = json.dumps({"sender": sender, "message": message, "metadata": metadata}).encode()
        with urllib.request.urlopen(f"{self.url}/webhooks/rest/webhook", data=body, timeout=20) as answer:
            said: list[dict[str, Any]] = json.load(answer)
            return said
