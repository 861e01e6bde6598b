"""Bad input on the command line: one line on standard error, exit status 2, nothing else."""

from __future__ import annotations

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APUS = ROOT / ".build" / "release" / "apus"


def apus(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `apus`; a hang is a failure."""
    return subprocess.run(
        [str(APUS), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@unittest.skipUnless(APUS.exists(), "needs `make build`")
class CommandLine(unittest.TestCase):
    """Bad chip files, programs and models."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, content: bytes) -> str:
        """Write a file into the test's folder and return its path."""
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def refused(self, *arguments: str, naming: str) -> None:
        """Assert one line on standard error that names the fault, status 2, and no output."""
        done = apus(*arguments)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(naming, done.stderr)

    def test_chip_shown_is_a_chip_file(self) -> None:
        shown = apus("chip", "show", "edge14")
        path = self.file("edge14.json", shown.stdout.encode())
        self.assertEqual(apus("chip", "check", path).returncode, 0)
        self.assertEqual(apus("chip", "show", path).stdout, shown.stdout)

    def test_impossible_chips(self) -> None:
        chip = json.loads(apus("chip", "show", "nano").stdout)
        for field, value, naming in [
            ("clockMegahertz", 0, "clockMegahertz: 0 MHz is outside 1...5000"),
            ("queueDepth", "many", "queueDepth"),
            ("matrixFormats", ["fp99"], "fp99"),
            ("scratchpadBanks", 12, "scratchpadBanks: 12 is not a power of two"),
        ]:
            path = self.file("bad.json", json.dumps({**chip, field: value}).encode())
            self.refused("chip", "check", path, naming=naming)
        path = self.file("bad.json", json.dumps({**chip, "clockMegaherz": 1}).encode())
        self.refused("chip", "check", path, naming='did you mean "clockMegahertz"?')
        for content in [b"", b"{", b"[" * 100_000, b"\xff", b"null", b"{}"]:
            self.refused("chip", "check", self.file("bad.json", content), naming="bad.json")
        self.refused("chip", "check", "/dev/zero", naming="/dev/zero")
        self.refused("chip", "check", str(self.folder), naming=str(self.folder))

    def test_bytes_that_are_no_program(self) -> None:
        for content in [b"", b"APUSPROG", b"APUSPROG" + b"\xff" * 100, b"\x7fELF" + b"\0" * 100]:
            path = self.file("bad.apus", content)
            self.refused("disassemble", path, naming="bad.apus")
            self.refused("execute", path, naming="bad.apus")
            self.refused("emulate", path, naming="bad.apus")
        self.refused("disassemble", str(self.folder / "none"), naming="none")

    def test_bytes_that_are_no_model(self) -> None:
        for content in [b"\x08", b"\xff" * 1000, b"not a model"]:
            path = self.file("bad.onnx", content)
            self.refused("inspect", path, naming="bad.onnx")
            self.refused("run", path, naming="bad.onnx")

    def test_an_unknown_command_of_the_set(self) -> None:
        self.refused("isa", "matmull", naming='did you mean "matmul"?')
        self.assertIn("acc[m, n]", apus("isa", "matmul").stdout)


if __name__ == "__main__":
    unittest.main()
