"""`apus explore` on a Ray cluster: every task is one process's share of a round.

    python -m apus_explore.on_ray --address ray:// --processes 4 -- --model llama-3.1-8b --node 7nm

What a task tries depends on the round and on finished rounds alone, so the front is that of one
process. Progress is kept in one file here, as `apus explore --progress` keeps it; a search that was
killed goes on with the same file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def share(program: str, arguments: list[str], progress: str, worker: str) -> str:
    """Run one share on this machine, from a copy of the progress; return the lines it added."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "progress"
        path.write_text(progress)
        command = [program, "explore", *arguments, "--progress", str(path), "--worker", worker]
        subprocess.run(command, check=True, capture_output=True)
        return path.read_text()[len(progress) :]


def fail(sentence: str) -> None:
    print(f"apus: {sentence}", file=sys.stderr)
    raise SystemExit(2)


def connect(address: str):
    """Ray, connected: to a cluster, or to one that begins on this machine (`ray://`)."""
    try:
        import ray
    except ImportError:
        fail("Ray is not installed; pip install ray==2.60.0 would give it")
    try:
        if address in ("ray://", "local"):
            ray.init(
                num_cpus=os.cpu_count(),
                object_store_memory=100 << 20,
                include_dashboard=False,
                log_to_driver=False,
                logging_level="ERROR",
            )
        else:
            reachable(address)
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # Ray raises plain ones too, for a node that starts too slowly.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        fail(f"no Ray cluster answers at {address} ({reason}); ray:// begins one on this machine")
    return ray


def reachable(address: str) -> None:
    """Try the port first: Ray itself would try for minutes."""
    import socket

    host, _, port = address.removeprefix("ray://").partition(":")
    with socket.create_connection((host, int(port or 10001)), timeout=5):
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description="apus explore on a Ray cluster.")
    parser.add_argument("--address", required=True, help="ray://host:10001, or ray:// for here")
    parser.add_argument("--processes", type=int, default=2, help="tasks of a round")
    parser.add_argument("--apus", default=os.environ.get("APUS") or shutil.which("apus"))
    parser.add_argument("--progress")
    parser.add_argument("--out")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("arguments", nargs="*", help="after --: those of apus explore")
    options = parser.parse_args()
    if not options.apus:
        fail("the program apus is not on the path; --apus .build/release/apus would work")
    program = str(Path(options.apus).resolve())
    ray = connect(options.address)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(options.progress or Path(folder) / "progress")
        spread(ray, program, options.arguments, path, options.processes)
        ray.shutdown()
        last = [program, "explore", *options.arguments, "--progress", str(path)]
        last += ["--out", options.out] if options.out else []
        last += ["--json"] if options.json else []
        raise SystemExit(subprocess.run(last).returncode)


def spread(ray, program: str, arguments: list[str], path: Path, processes: int) -> None:
    """All rounds; each waits for the one before it."""
    # A share of a round that does not exist begins the file and tries nothing.
    begin = [program, "explore", *arguments, "--progress", str(path), "--worker", "1000000:0:1"]
    if (status := subprocess.run(begin).returncode) != 0:
        raise SystemExit(status)
    rounds = int(path.read_text().splitlines()[0].split()[-1])
    task = ray.remote(share)
    for round_number in range(rounds):
        text = path.read_text()
        waiting = [
            task.remote(program, arguments, text, f"{round_number}:{part}:{processes}")
            for part in range(processes)
        ]
        while waiting:
            done, waiting = ray.wait(waiting)
            with path.open("a") as file:
                for added in ray.get(done):
                    file.write(added)


if __name__ == "__main__":
    main()
