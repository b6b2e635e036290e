"""Types of the Python API; made by packaging/api_stub.py."""

from collections.abc import Sequence
from explorer.api.ablating import ablate as ablate, rank_channels as rank_channels
from explorer.api.attending import attention as attention
from explorer.api.capturing import Captured as Captured, capture as capture
from explorer.api.explaining import explain as explain
from explorer.api.indexing import index as index
from explorer.api.maximising import maximise as maximise
from explorer.api.method_runs import MethodResult as MethodResult
from explorer.api.mosaics import mosaic as mosaic
from explorer.api.opened_models import AnyModel, Model as Model, Shown, open as open, preprocess as preprocess
from explorer.api.saved_sessions import session as session
from explorer.api.showing import show as show
from explorer.core.errors import ExplorerError as ExplorerError
from explorer.core.health import Health
from explorer.core.models import Preprocess as Preprocess
from explorer.core.probe import Probe
from explorer.core.representations import Cka, Matches
from explorer.methods.channel_statistics.spec import ChannelStatistics
from explorer.methods.filters.spec import Filters
from explorer.methods.hear.spec import HeardSound
from explorer.methods.neighbours.spec import Neighbours
from explorer.methods.network_health.spec import NetworkHealth
from explorer.methods.ngrams.spec import Ngrams
from explorer.methods.sound_maximisation.spec import SoundMaximisation
from explorer.methods.word_attribution.spec import WordAttribution

__version__: str

def health(model: AnyModel, input: Shown = ..., *, tap: str, inputs: str = ...) -> MethodResult[Health]: ...
def channel_statistics(model: AnyModel, input: Shown = ..., *, tap: str, inputs: str = ..., statistic: str = ..., bins: int = ...) -> MethodResult[ChannelStatistics]: ...
def network_health(model: AnyModel, input: Shown = ..., *, inputs: str = ...) -> MethodResult[NetworkHealth]: ...
def probe(model: AnyModel, *, data: str, taps: str = ..., method: str = ..., pool: str = ..., per_class: str = ..., draws: int = ..., seed: int = ..., test: str = ..., hold_out: float = ..., groups: str = ..., baseline: str = ...) -> MethodResult[Probe]: ...
def ngrams(model: AnyModel, input: Shown = ..., *, tap: str, inputs: str = ..., top: int = ...) -> MethodResult[Ngrams]: ...
def word_attribution(model: AnyModel, input: Shown = ..., *, method: str = ..., baseline: str = ..., class_: int | str = ...) -> MethodResult[WordAttribution]: ...
def neighbours(model: AnyModel, input: Shown = ..., *, tap: str, token: str = ..., top: int = ...) -> MethodResult[Neighbours]: ...
def cka(model: AnyModel, second: AnyModel, *, taps: Sequence[str] = ..., taps2: Sequence[str] = ..., inputs: str = ..., pool: str = ...) -> MethodResult[Cka]: ...
def match(model: AnyModel, second: AnyModel, *, tap: str, tap2: str = ..., inputs: str = ...) -> MethodResult[Matches]: ...
def hear(model: AnyModel, input: Shown = ..., *, tap: str, channel: int, part: str = ..., rest: bool = ..., raw: bool = ...) -> MethodResult[HeardSound]: ...
def filters(model: AnyModel, input: Shown = ..., *, tap: str) -> MethodResult[Filters]: ...
def sound_maximisation(model: AnyModel, input: Shown = ..., *, tap: str, channel: int, steps: int = ..., jitter: int = ..., penalty: int = ..., noise_seed: int = ...) -> MethodResult[SoundMaximisation]: ...
