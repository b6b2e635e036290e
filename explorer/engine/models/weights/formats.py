"""Files of other kinds, known by how they begin, so that they are named rather than called damaged. No torch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class WayOut:
    """What to do with a file that cannot be opened. `is_model`: it is a network of another library."""

    text: str
    is_model: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """What a file is ("a picture (PNG)"), and the way out."""

    name: str
    way: WayOut

    @property
    def todo(self) -> str:
        """The way out in words."""
        return self.way.text

    @property
    def is_model(self) -> bool:
        """Whether it is a network of another library, not merely a file of another kind."""
        return self.way.is_model


_UNPACK = WayOut(tr("Unpack it, and open the file of weights in it."))
EXPORT = tr("Export the PyTorch model: torch.export.save(torch.export.export(model, (x,)), “net.pt2”), and open that.")
_FROM_TORCH = WayOut(tr("It cannot be opened. {export}", export=EXPORT), is_model=True)
_ONNX = WayOut(tr("Open it as a model, onnx:FILE; as a file of weights it has no names that fit."), is_model=True)
_REBUILD = WayOut(
    tr(
        "It cannot be opened: its library would run code. Build the network in PyTorch, save the arrays of its weights with "
        "safetensors.numpy.save_file, and open them with that architecture."
    ),
    is_model=True,
)


def _as_onnx(command: str) -> WayOut:
    return WayOut(
        tr("It cannot be opened as it is. Convert it to ONNX, {command}, and open that.", command=command), True
    )


_SAVED = _as_onnx("python -m tf2onnx.convert --saved-model FOLDER --output net.onnx")
_GRAPH = _as_onnx("python -m tf2onnx.convert --graphdef FILE --inputs NAME:0 --outputs NAME:0 --output net.onnx")
_LITE = _as_onnx("python -m tf2onnx.convert --tflite FILE --output net.onnx")
_KERAS = _as_onnx('keras.saving.load_model(FILE).export("net.onnx", format="onnx")')
_CONVERT = WayOut(tr("Convert it to .safetensors with the library that wrote it."))
_LANGUAGE = WayOut(tr("Open the model that it was made from, hf:OWNER/NAME."), is_model=True)
_OTHER = WayOut(tr("Choose the file of weights."))
_TAR_AT = 257
_BEGINS: tuple[tuple[int, bytes, str, WayOut], ...] = (
    (0, b"\x89PNG\r\n", tr("a picture (PNG)"), _OTHER),
    (0, b"\xff\xd8\xff", tr("a picture (JPEG)"), _OTHER),
    (0, b"GIF8", tr("a picture (GIF)"), _OTHER),
    (0, b"II*\0", tr("a picture (TIFF)"), _OTHER),
    (0, b"MM\0*", tr("a picture (TIFF)"), _OTHER),
    (0, b"BM", tr("a picture (BMP)"), _OTHER),
    (8, b"WEBP", tr("a picture (WebP)"), _OTHER),
    (8, b"WAVE", tr("a sound (WAV)"), _OTHER),
    (8, b"AVI ", tr("a video (AVI)"), _OTHER),
    (4, b"ftyp", tr("a video or a picture (MP4, AVIF or HEIC)"), _OTHER),
    (0, b"\x1aE\xdf\xa3", tr("a video (Matroska or WebM)"), _OTHER),
    (0, b"%PDF", tr("a document (PDF)"), _OTHER),
    (0, b"\x89HDF\r\n", tr("an HDF5 file (Keras .h5, MATLAB)"), _KERAS),
    (0, b"MATLAB 5.0", tr("a MATLAB file"), _CONVERT),
    (0, b"GGUF", tr("a GGUF file (llama.cpp)"), _LANGUAGE),
    (0, b"tjgg", tr("a GGML file (llama.cpp)"), _LANGUAGE),
    (0, b"lmgg", tr("a GGML file (llama.cpp)"), _LANGUAGE),
    (0, b"\x93NUMPY", tr("a NumPy array (.npy)"), WayOut(tr("Save it with torch.save({'name': tensor}, FILE)."))),
    (4, b"TFL3", tr("a TensorFlow Lite model"), _LITE),
    (4, b"ET12", tr("an ExecuTorch program"), _FROM_TORCH),
    (0, b"ptrt", tr("a TensorRT engine"), _FROM_TORCH),
    (0, b"ftrt", tr("a TensorRT engine"), _FROM_TORCH),
    (0, b"PAR1", tr("a Parquet table"), _OTHER),
    (0, b"ARROW1", tr("an Arrow table"), _OTHER),
    (0, b"SQLite format 3", tr("an SQLite database"), _OTHER),
    (0, b"\x1f\x8b", tr("a compressed file (gzip)"), _UNPACK),
    (0, b"BZh", tr("a compressed file (bzip2)"), _UNPACK),
    (0, b"\xfd7zXZ\0", tr("a compressed file (xz)"), _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", tr("a compressed file (zstd)"), _UNPACK),
    (0, b"\x04\x22\x4d\x18", tr("a compressed file (lz4)"), _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", tr("a 7-Zip archive"), _UNPACK),
    (0, b"Rar!", tr("a RAR archive"), _UNPACK),
    (0, b"\x7fELF", tr("a program or library (ELF)"), _OTHER),
    (0, b"MZ", tr("a program or library (Windows)"), _OTHER),
    (0, b"\xcf\xfa\xed\xfe", tr("a program or library (macOS)"), _OTHER),
    (0, b"\xca\xfe\xba\xbe", tr("a program or library (macOS, Java)"), _OTHER),
    (0, b"#!", tr("a script"), _OTHER),
    (0, b"7767517", tr("a network of ncnn (.param)"), _FROM_TORCH),
    (0, b"RKNN", tr("a model of Rockchip (RKNN)"), _FROM_TORCH),
    (0, b"<svg", tr("a picture (SVG)"), _OTHER),
)
_MARKS: tuple[tuple[str, str, WayOut], ...] = (
    ("[Content_Types].xml", tr("an Office document"), _OTHER),
    ("model.weights.h5", tr("a Keras model (.keras)"), _KERAS),
    ("META-INF/MANIFEST.MF", tr("a Java archive"), _OTHER),
    ("Manifest.json", tr("a Core ML package"), _FROM_TORCH),
    ("MAR-INF/MANIFEST.json", tr("a TorchServe archive"), _UNPACK),
)
_NAMES = (  # what a program keeps in a form that has no mark of its own
    (".pdparams", tr("a file of weights of PaddlePaddle")),
    (".pdiparams", tr("a file of weights of PaddlePaddle")),
    (".msgpack", tr("a file of weights of Flax")),
    (".params", tr("a file of weights of MXNet")),
)
_WEIGHTS = (".pth", ".pt", ".safetensors", ".ckpt", ".bin", ".pkl", ".tar", ".h5", ".onnx")


def known(head: bytes, name: str = "") -> Format | None:
    """From the first 600 bytes; the name of the file tells apart what begins alike."""
    for at, mark, what, todo in _BEGINS:
        if head[at : at + len(mark)] == mark:
            return Format(what, todo)
    if head[_TAR_AT : _TAR_AT + 5] == b"ustar" or _old_tar(head):
        return Format(tr("a tar archive (of a downloader, of NeMo, or torch's own before 2017)"), _UNPACK)
    for suffix, what in _NAMES:
        if name.lower().endswith(suffix):
            return Format(what, _REBUILD)
    return _of_xml(head) or _of_protobuf(head, name.lower()) or _of_darknet(head, name.lower()) or _of_json(head)


def _of_xml(head: bytes) -> Format | None:
    if not head.lstrip().startswith((b"<?xml", b"<net ")):
        return None
    if b"<net " in head:
        return Format(tr("a network of OpenVINO (its weights are in the .bin beside)"), _FROM_TORCH)
    return Format(tr("an XML file"), _OTHER)


def _of_darknet(head: bytes, name: str) -> Format | None:
    """Four whole numbers (major, minor, revision, pictures seen) and then bare float32."""
    version = head[:8] in (bytes((0, 0, 0, 0, minor, 0, 0, 0)) for minor in (1, 2))
    return Format(tr("a file of weights of Darknet"), _FROM_TORCH) if version and name.endswith(".weights") else None


def _of_json(head: bytes) -> Format | None:
    if head.lstrip()[:1] not in (b"{", b"[") or not _readable(head):
        return None
    if b'"tfjs' in head or b'"graph-model"' in head or b'"layers-model"' in head:
        return Format(tr("a model of TensorFlow.js"), _REBUILD)
    if b'"class_name"' in head and b'"keras' in head:
        return Format(tr("a network of Keras without its weights"), _REBUILD)
    what = tr("an index of shards") if b"weight_map" in head else tr("a JSON file")
    return Format(what, WayOut(tr("Choose the file of weights that it belongs to.")))


def of_folder(path: Path) -> Format | None:
    """A folder that other libraries keep a model in."""
    try:
        names = {each.name for each in path.iterdir()}
    except OSError:
        return None
    if names & {"saved_model.pb", "saved_model.pbtxt"}:
        return Format(tr("a SavedModel of TensorFlow"), _SAVED)
    if "coremldata.bin" in names or ("Manifest.json" in names and "Data" in names):
        return Format(tr("a Core ML package"), _FROM_TORCH)
    if names & {"_METADATA", "_CHECKPOINT_METADATA"}:
        return Format(tr("a checkpoint of JAX (Orbax)"), _REBUILD)
    return None


def of_file(path: Path) -> Format | None:
    """What a file of another program is; None for what may be a file of weights, and where it cannot be read."""
    try:
        if not path.is_file():  # a pipe would be waited for, without end
            return None
        with open(path, "rb") as file:
            return known(file.read(600), path.name)
    except (OSError, ValueError):
        return None


def is_text(head: bytes) -> bool:
    """Words that can be read; a pickle in the readable protocol is none."""
    return _readable(head) and _worded(head)


def of_archive(names: Collection[str]) -> Format:
    """A zip archive that is none of torch's, from the names in it."""
    for mark, name, todo in _MARKS:
        if any(each == mark or each.endswith(f"/{mark}") for each in names):
            return Format(name, todo)
    if names and all(name.endswith(".npy") for name in names):
        return Format(
            tr("a NumPy archive (.npz)"), WayOut(tr("Save its arrays with torch.save({name: tensor, …}, FILE)."))
        )
    if any(name.startswith(".data/") or "/.data/extern_modules" in name for name in names):
        return Format(
            tr("a torch.package archive, which is a program"),
            WayOut(tr("Save the weights alone, torch.save(model.state_dict(), FILE).")),
        )
    inside = [name for name in names if name.lower().endswith(_WEIGHTS)]
    if inside:
        more = ", …" if len(inside) > 1 else ""
        return Format(tr("a zip archive that holds {inside}{more}", inside=inside[0][-60:], more=more), _UNPACK)
    return Format(tr("a zip archive without torch's data.pkl"), _OTHER)


def _old_tar(head: bytes) -> bool:
    """Before 1988 there was no mark: the sum of the first 512 bytes stands in octal at 148."""
    if len(head) < 512 or not head[0]:
        return False
    field = head[148:156].strip(b" \0")
    spaces = head[:148] + b" " * 8 + head[156:512]
    return bool(field) and all(0x30 <= byte <= 0x37 for byte in field) and int(field, 8) == sum(spaces)


def _of_protobuf(head: bytes, name: str) -> Format | None:
    """Models whose first field is a version: ONNX goes on with texts, Core ML and TensorFlow with messages."""
    if name.endswith((".caffemodel", ".prototxt")):
        return Format(tr("a model of Caffe"), _FROM_TORCH)
    if name.endswith((".pb", ".pbtxt", ".ckpt.meta")):
        if name.startswith("saved_model"):
            return Format(tr("a SavedModel of TensorFlow"), _SAVED)
        return Format(tr("a graph of TensorFlow"), _GRAPH)
    if len(head) < 5 or head[0] != 8 or not 0 < head[1] <= 32:
        return None
    if name.endswith(".mlmodel") or (
        head[2] == 0x12 and b"\n" in (head[4:5], head[5:6]) and not name.endswith(".onnx")
    ):
        return Format(tr("a Core ML model"), _FROM_TORCH)
    return Format(tr("an ONNX model"), _ONNX) if head[2] in (0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42) else None


def _readable(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else a letter is cut in two
            return False
        text = head[: error.start].decode("utf-8")
    return all(letter.isprintable() or letter in "\r\n\t" for letter in text)


def _worded(head: bytes) -> bool:
    """Longer than what a pickle in the readable protocol begins with, and with words in it."""
    words = head.split()
    return len(words) > 3 and sum(word.strip(b".,:;()#").isalpha() for word in words) * 2 > len(words)
