"""What the store of captures keeps: within its bytes, pictures counted, and of a clip only the newest frames."""

from __future__ import annotations

import numpy as np

from explorer.core.activations import Capture
from explorer.core.inputs import InputRef, Picture
from explorer.engine.capture.cache import FRAMES, CaptureStore


def capture_of(ref: InputRef, nbytes: int = 4, side: int = 1, model: str = "m") -> Capture:
    picture = Picture(ref, np.zeros((side, side, 3), np.uint8), f"{ref.kind}{ref.path}{ref.frame}")
    return Capture(model, picture, (), {"a": np.zeros(nbytes, np.uint8)})


def frames_kept(store: CaptureStore, model: str = "m") -> list[int]:
    return [picture.ref.frame for picture in store.pictures(model)]


def test_of_a_clip_the_newest_frames_stay_however_large_the_budget_is() -> None:
    store = CaptureStore(1 << 40)
    for frame in range(100):
        store.put(capture_of(InputRef("video", "a.mp4", frame)))
    assert frames_kept(store) == list(range(100 - FRAMES, 100))


def test_clips_models_and_pictures_do_not_push_each_other_out() -> None:
    store = CaptureStore(1 << 40)
    for frame in range(40):
        store.put(capture_of(InputRef("video", "a.mp4", frame)))
        store.put(capture_of(InputRef("video", "b.mp4", frame)))
        store.put(capture_of(InputRef("video", "a.mp4", frame), model="other"))
        store.put(capture_of(InputRef("picture", f"{frame}.png")))
    kept = [(p.ref.kind, p.ref.path) for p in store.pictures("m")]
    assert kept.count(("video", "a.mp4")) == kept.count(("video", "b.mp4")) == FRAMES
    assert sum(kind == "picture" for kind, _ in kept) == 40
    assert len(frames_kept(store, "other")) == FRAMES


def test_a_frame_that_is_looked_at_again_stays() -> None:
    store = CaptureStore(1 << 40)
    for frame in range(3 * FRAMES):
        store.put(capture_of(InputRef("video", "a.mp4", frame)))
        assert store.get(("m", "videoa.mp40")) is not None
    assert 0 in frames_kept(store)


def test_pictures_count_once() -> None:
    store = CaptureStore(1 << 40)
    one = capture_of(InputRef("picture", "a.png"), nbytes=10, side=10)
    store.put(one)
    store.put(Capture("other", one.picture, (), {"a": np.zeros(10, np.uint8)}))
    assert store.nbytes == 300 + 20
    store.budget = 1000
    for number in range(20):
        store.put(capture_of(InputRef("picture", str(number)), nbytes=10, side=10))
        assert store.nbytes <= 1000
