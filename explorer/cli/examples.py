"""One example of every command, as its help shows it. A test runs them."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Mapping

from explorer.core.command_text import PROGRAM

EXAMPLES = {
    "layers": "layers demo:shapes-cnn",
    "predict": "predict demo:shapes-cnn --input sample:cat --top 3",
    "maps": "maps demo:shapes-cnn --input sample:cat --tap stage3.1 --out maps.npz",
    "arithmetic": "arithmetic demo:shapes-cnn --input sample:cat --tap stage3.1.conv2 --cell 2,3 --channel 5",
    "ablate": "ablate demo:shapes-cnn --input sample:cat --tap stage3.1 --rank --class star",
    "receptive-field": "receptive-field demo:shapes-cnn --tap stage3.1 --cell 2,3",
    "health": "health demo:shapes-cnn --input sample:cat --tap stage3.1",
    "network-health": "network-health demo:shapes-cnn --input sample:cat",
    "channel-statistics": "channel-statistics demo:shapes-cnn --inputs FOLDER --tap stage3.1",
    "probe": "probe demo:shapes-cnn --data FOLDER --taps stage3.1",
    "ngrams": "ngrams demo:sentences-textcnn --inputs SENTENCES.txt --tap filters.width3.1",
    "word-attribution": 'word-attribution demo:sentences-textcnn --input "text:a very good film"',
    "neighbours": "neighbours demo:sentences-textcnn --tap embedding --token glad",
    "cka": "cka demo:shapes-cnn demo:shapes-vit --inputs FOLDER",
    "match": "match demo:shapes-cnn demo:shapes-ssl-cnn --inputs FOLDER --tap stage3.1",
    "hear": "hear demo:sounds-wave-cnn --input sample:sound-rise --tap first --channel 3 --out heard.wav",
    "filters": "filters demo:sounds-wave-cnn --tap first",
    "sound-maximisation": "sound-maximisation demo:sounds-wave-cnn --input sample:sound-kick --tap first --channel 3 --steps 8",
    "plugin": "plugin new channel_size",
    "attention": "attention demo:shapes-vit --input sample:cat",
    "rollout": "rollout demo:shapes-vit --input sample:cat --out rollout.npz",
    "relevance": "relevance demo:shapes-vit --input sample:cat --class star --out relevance.png",
    "pca": "pca demo:shapes-cnn --input sample:cat --tap stage3.1 --out pca.png",
    "similarity": "similarity demo:shapes-cnn --input sample:cat --tap stage3.1 --cell 2,3 --out similarity.png",
    "index": "index demo:shapes-cnn --data FOLDER --store pictures.fmindex",
    "top": "top pictures.fmindex --tap stage3.1 --channel 5",
    "nearest": "nearest pictures.fmindex --input sample:cat",
    "explain": "explain demo:shapes-cnn --input sample:cat --class star --method grad-cam --out star.png",
    "figure": "figure maps demo:shapes-cnn --input sample:cat --tap stage3.1 --width-mm 120 --out maps.svg",
    "film": "film demo:shapes-cnn --input sample:cat --width-px 320 --out layers.gif",
    "maximise": "maximise demo:shapes-cnn --class star --steps 100 --out star.png",
    "transfer": "transfer demo:shapes-cnn --data FOLDER --freeze stage3.1 --out learnt",
    "tokens": 'tokens demo:sentences-textcnn --input "text:a very good film"',
    "record": "record --seconds 2 --out spoken.wav",
    "screenshot": "screenshot --model demo:shapes-cnn --out window.png",
    "models": "models mobilenet",
    "session": "session bundle lesson.fmx.json --out lesson.fmx",
    "lesson": "lesson new my-lesson",
    "weights": "weights match FILE.safetensors",
    "doctor": "doctor --json",
    "measure": "measure demo:shapes-cnn --rounds 1",
    "completion": "completion bash",
    "smoke-test": "smoke-test",
}


def add_examples(commands: Mapping[str, argparse.ArgumentParser]) -> None:
    """Puts the examples under the help of their commands."""
    for name, parser in commands.items():
        source = textwrap.fill(parser.epilog, 78) if parser.epilog else ""
        example = f"example:\n  {PROGRAM} {EXAMPLES[name]}" if name in EXAMPLES else ""
        parser.epilog = "\n\n".join(part for part in (example, source) if part)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
