"""CPU-seconds that timing takes: a decode step of a 70-billion model on eight chips, and one layer of
an 8-billion model with a prompt of 128 tokens on four large cores."""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APUS = ROOT / ".build/release/apus"

# Four cores of 128 x 128 cells at 614 GB/s, the size of a TPU v4i.
CHIP = {
    "name": "four", "clockMegahertz": 1000, "meshColumns": 2, "meshRows": 2, "matrixRows": 128,
    "matrixColumns": 128, "vectorLanes": 128, "scratchpadBytes": 4 << 20, "scratchpadBanks": 64,
    "accumulatorBytes": 2 << 20, "matrixPorts": 64, "vectorPorts": 64, "memoryChannels": 16,
    "memoryMegabytesPerSecond": 614_400, "memoryBytes": 8 << 30,
}


def cpu_seconds(arguments: list[str]) -> tuple[float, dict]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(APUS), "time", *arguments, "--json"], check=True,
                          capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, json.loads(done.stdout)


def chip_file(folder: Path) -> Path:
    shown = subprocess.run([str(APUS), "chip", "show", "cloud7"], check=True,
                           capture_output=True, text=True)
    chip = json.loads(shown.stdout)
    chip.update(CHIP)
    path = folder / "four.json"
    path.write_text(json.dumps(chip))
    return path


def layer_file(folder: Path) -> Path:
    presets = ROOT / "Sources/ApusImport/LanguageModel/Shapes/Presets"
    model = json.loads((presets / "llama-3.1-8b.json").read_text())
    model.update(num_hidden_layers=1, vocab_size=256)
    path = folder / "layer.json"
    path.write_text(json.dumps(model))
    return path


def main() -> int:
    used, _ = cpu_seconds(["llama-3.1-70b", "--chips", "8", "--batch", "16", "--weights", "int4"])
    print(f"time.step_70b_cpu_seconds: {used:.2f}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        used, told = cpu_seconds([str(layer_file(folder)), "--chip", str(chip_file(folder)),
                                  "--phase", "prefill", "--context", "128"])
        print(f"{told['cycles']} cycles, {told['cycles'] / used / 1e6:.1f} million each CPU-second")
        print(f"time.layer_8b_cpu_seconds: {used:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
