"""record: so many seconds of the microphone as a WAV file."""

from __future__ import annotations

import argparse
import json

from explorer.cli.recording import record
from explorer.core.errors import ExplorerError
from explorer.core.translation import ntr, tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, how fast, from where and where to."""
    parser.add_argument("--seconds", type=float, required=True, metavar="S", help=tr("of the recording"))
    parser.add_argument("--out", required=True, metavar="FILE.wav")
    parser.add_argument(
        "--rate",
        type=int,
        default=0,
        metavar="HZ",
        help=tr("recorded with one channel; the microphone's own if not given"),
    )
    parser.add_argument(
        "--microphone", default="", metavar="NAME", help=tr("the first choice of the system if not given")
    )
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def run(args: argparse.Namespace) -> int:
    """Records 32-bit floats. Raises ExplorerError, before anything is recorded where that can be known."""
    if not args.out.lower().endswith(".wav"):
        raise ExplorerError(tr("{out} does not end in .wav.", out=args.out), "", tr("Name the file FILE.wav."))
    if args.rate < 0:
        raise ExplorerError(tr("{rate} is no rate.", rate=args.rate), "", tr("Give it in Hz, as in --rate 16000."))
    from explorer.engine.wav_export import write_wav

    found = record(args.seconds, args.rate, args.microphone)
    written = write_wav(args.out, found.samples, found.rate)
    count, samples = found.samples.shape
    seconds = samples / found.rate
    if args.json:
        facts = {"out": args.out, "microphone": found.title, "rate": found.rate, "channels": count, "seconds": seconds}
        print(json.dumps({**facts, "overruns": found.overruns}, indent=1))
        return 0
    channels = ntr("{count} channel", "{count} channels", count, count=count)
    print(
        tr(
            "{out}: {seconds:.3f} s of “{found_title}”, {channels} at {rate:,} Hz, {told}",
            out=args.out,
            seconds=seconds,
            found_title=found.title,
            channels=channels,
            rate=found.rate,
            told=written.told,
        )
    )
    if found.overruns:
        print(tr("The computer was too busy {overruns} times: samples may be missing there.", overruns=found.overruns))
    return 0
