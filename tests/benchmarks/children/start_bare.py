"""What a person's own script does for one forward: imports, model, picture, prediction. `BORN MODEL WEIGHTS PICTURE THREADS HOW`."""

import sys
import time

born, name, weights, picture, threads, how = sys.argv[1:]
times = [("interpreter", time.monotonic() - float(born))]

import torch  # noqa: E402

times.append(("torch", time.monotonic() - float(born)))
if how == "declared":
    # this torchvision's compiled operators do not fit torch; without them it does not import at all
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
if how == "quick":
    from explorer.engine.models.torchvision_compat import import_torchvision

    import_torchvision()
import torchvision  # noqa: E402
from PIL import Image  # noqa: E402
from torchvision import transforms  # noqa: E402

times.append(("torchvision", time.monotonic() - float(born)))
torch.set_num_threads(int(threads))
model = torchvision.models.get_model(name, weights=None)
if weights:
    from safetensors.torch import load_file

    model.load_state_dict(load_file(weights))
model.eval()
times.append(("model", time.monotonic() - float(born)))
prepare = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)
with torch.inference_mode():
    model(prepare(Image.open(picture).convert("RGB"))[None]).argmax().item()
times.append(("forward", time.monotonic() - float(born)))
print(" ".join(f"{what}={seconds:.4f}" for what, seconds in times))
