"""The examples in the help run as they stand; the shells complete what the parser knows."""

from __future__ import annotations

import argparse
import shlex
import subprocess
from pathlib import Path
from shutil import copyfile, which

import numpy as np
import pytest
from safetensors.numpy import save_file

from explorer.cli import run
from explorer.cli.commands import parser
from explorer.cli.completion import Completed, completed, fish, zsh
from explorer.cli.examples import EXAMPLES
from explorer.core.command_text import PROGRAM
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session, to_json
from explorer.core.system.paths import resources

# What opens a window, listens, learns, or takes many seconds: their lines are parsed.
LONG = ("record", "screenshot", "smoke-test", "transfer", "probe", "cka", "measure", "doctor", "maximise", "weights")


def commands() -> dict[str, argparse.ArgumentParser]:
    every = next(each for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
    return dict(every.choices)


def words_of(name: str) -> list[str]:
    return shlex.split(EXAMPLES[name])


def test_the_page_of_commands_names_every_one() -> None:
    told = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [name for name in commands() if f"`{PROGRAM} {name}" not in told] == []


def test_a_parameter_with_a_percent_sign_has_its_help() -> None:
    """argparse formats what help says: one `%` ended `sound-maximisation --help`."""
    told = commands()["sound-maximisation"].format_help()
    assert "%" in told.rpartition("--penalty")[2].partition("--noise-seed")[0]


def test_the_pages_of_a_screenshot_are_named_once() -> None:
    page = next(each for each in commands()["screenshot"]._actions if "--panel" in each.option_strings)
    assert page.choices is not None
    assert len(set(page.choices)) == len(list(page.choices))


def test_every_command_has_an_example_in_its_help() -> None:
    for name, each in commands().items():
        assert f"{PROGRAM} {EXAMPLES[name]}" in each.format_help()
    assert set(EXAMPLES) == set(commands())


@pytest.mark.parametrize("name", LONG)
def test_long_examples_are_understood(name: str) -> None:
    assert parser().parse_args(words_of(name)).command == name


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - set(LONG)))
def test_an_example_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for at, sample in enumerate(("cat", "balls", "shapes", "house")):
        (tmp_path / "FOLDER").mkdir(exist_ok=True)
        copyfile(resources() / "samples" / f"{sample}.png", tmp_path / "FOLDER" / f"{at}.png")
    lesson = Session(ModelSpec("demo:shapes-cnn"), InputRef("picture", "FOLDER/0.png"))
    (tmp_path / "lesson.fmx.json").write_text(to_json(lesson))
    (tmp_path / "SENTENCES.txt").write_text("a very good film\na bad and boring story\n")
    if name in ("top", "nearest"):
        assert run(words_of("index")) == 0
        capsys.readouterr()
    words = words_of(name)
    assert run(words) == 0
    said = capsys.readouterr()
    written = words[words.index("--out") + 1] if "--out" in words else ""
    assert said.out or written
    assert not written or (tmp_path / written).stat().st_size > 100


def answered(line: str) -> set[str]:
    """What bash proposes at the end of a line."""
    words = line.split(" ")
    script = "\n".join(
        (
            f"source <(cat {SCRIPT})",
            f"COMP_WORDS=({' '.join(shlex.quote(word) for word in words)})",
            f"COMP_CWORD={len(words) - 1}",
            "_feature_map_explorer",
            'printf "%s\\n" "${COMPREPLY[@]}"',
        )
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd="/")
    return set(done.stdout.split())


SCRIPT = ""


@pytest.mark.skipif(which("bash") is None, reason="there is no bash")
def test_bash_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["completion", "bash"]) == 0
    file = tmp_path / "completion.bash"
    file.write_text(capsys.readouterr().out)
    monkeypatch.setitem(globals(), "SCRIPT", str(file))
    assert {"predict", "probe"} <= answered(f"{PROGRAM} pr") <= {"predict", "probe", "proc"}
    assert answered(f"{PROGRAM} ablate --ra") == {"--rank"}
    assert answered(f"{PROGRAM} ablate --by ") == {"logit", "probability"}
    assert answered(f"{PROGRAM} weights ma") == {"match"}


def test_other_shells_know_every_option() -> None:
    known: tuple[Completed, ...] = completed(parser())
    ablate = next(each for each in known if each.name == "ablate")
    assert {"--rank", "--by", "--class"} <= {name for option in ablate.options for name in option.names}
    told = fish(known)
    assert f"complete -c {PROGRAM} -n '__fish_seen_subcommand_from ablate' -l by -xa 'logit probability'" in told
    assert "'*--by[" in zsh(known)
    assert ":value:(logit probability)'" in zsh(known)


def test_weights_are_matched_by_the_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "FILE.safetensors"
    save_file({"nothing.weight": np.zeros((3, 5), np.float32)}, file)
    assert run(["weights", "match", str(file)]) == 1
    assert "fits no architecture" in capsys.readouterr().err
