"""record: so many seconds of the microphone as a WAV file."""

from __future__ import annotations

import argparse
import json

from explorer.cli.recording import record
from explorer.core.errors import ExplorerError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, how fast, from where and where to."""
    parser.add_argument("--seconds", type=float, required=True, metavar="S", help="of the recording")
    parser.add_argument("--out", required=True, metavar="FILE.wav")
    parser.add_argument(
        "--rate", type=int, default=0, metavar="HZ", help="recorded with one channel; the microphone's own if not given"
    )
    parser.add_argument("--microphone", default="", metavar="NAME", help="the first choice of the system if not given")
    parser.add_argument("--json", action="store_true", help="print JSON only")


def run(args: argparse.Namespace) -> int:
    """Records 32-bit floats. Raises ExplorerError, before anything is recorded where that can be known."""
    if not args.out.lower().endswith(".wav"):
        raise ExplorerError(f"{args.out} does not end in .wav.", "", "Name the file FILE.wav.")
    if args.rate < 0:
        raise ExplorerError(f"{args.rate} is no rate.", "", "Give it in Hz, as in --rate 16000.")
    from explorer.engine.wav_export import write_wav

    found = record(args.seconds, args.rate, args.microphone)
    written = write_wav(args.out, found.samples, found.rate)
    count, samples = found.samples.shape
    seconds = samples / found.rate
    if args.json:
        facts = {"out": args.out, "microphone": found.title, "rate": found.rate, "channels": count, "seconds": seconds}
        print(json.dumps({**facts, "overruns": found.overruns}, indent=1))
        return 0
    channels = f"{count} channel{'s' * (count > 1)}"
    print(f"{args.out}: {seconds:.3f} s of “{found.title}”, {channels} at {found.rate:,} Hz, {written.told}")
    if found.overruns:
        print(f"The computer was too busy {found.overruns} times: samples may be missing there.")
    return 0
