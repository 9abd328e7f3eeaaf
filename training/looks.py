"""What the packaged classifier says of a case, and what other looks at the case say.

Late interaction takes the vectors of tokens from which the packaged encoder makes one: each of the
prompt's looks for its nearest in the description. Another look is the published weights' likeness.
What they give: :mod:`training.second_look`.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extproc.core.routes import Route
from extproc.intent.conversation_ids import conversation_ids
from extproc.intent.embedded import EmbeddedClassifier
from extproc.intent.encoder import WEIGHTS, Encoder
from extproc.intent.quiet_runtime import session
from extproc.intent.stages import ENCODED_TOKENS, Prompt
from extproc.intent.tokens import END
from extproc.intent.vectors import WIDTH, Vector
from training.figures import Case

__all__ = ["LATE_INTERACTION", "PUBLISHED", "Answer", "Looks", "late_interaction", "networks"]

PUBLISHED = "published"
LATE_INTERACTION = (_PLAIN, _WEIGHTED, _BOTH_WAYS) = (
    "late interaction",
    "late interaction, weighted",
    "late interaction, both ways",
)

_START = 101


@dataclass(frozen=True, slots=True)
class Answer:
    """How the package scores a case's routes, and how other looks do.

    ``half`` is 0 or 1; ``settled`` is whether the first stage's word stands, so that the encoder is
    not asked and ``looks`` is empty; else it has a score per route for each look.
    """

    case: Case
    half: int
    scores: Vector
    settled: bool
    looks: Mapping[str, Vector]

    def best_two(self) -> tuple[int, int]:
        """The places of the best route and of the next; of equals the first."""
        best, second = np.argsort(-self.scores, kind="stable")[:2].tolist()
        return best, second

    def close(self, width: float) -> bool:
        """Whether the encoder's two best routes are less than ``width`` apart."""
        if self.settled or len(self.scores) < 2:
            return False
        best, second = self.best_two()
        return bool(self.scores[best] - self.scores[second] < width)


def late_interaction(tokens: Vector, others: Vector, counting: Vector) -> float:
    """How near tokens are to their nearest among others, in the mean: -1 to 1.

    Args:
        tokens: a unit vector per token.
        others: the same of the other text.
        counting: how much each of the tokens counts.
    """
    nearest = (tokens @ others.T).max(axis=1)
    return float(nearest @ counting / counting.sum())


class Looks:
    """The packaged classifier, its encoder's vectors of tokens, and the published weights.

    ``milliseconds`` has what each took, as CPU of this thread, for every case.
    """

    def __init__(self, states: Path, published: Path) -> None:
        """Load what :func:`networks` wrote."""
        self._classifier = EmbeddedClassifier()
        self._packaged = self._classifier.stages
        self._published = Encoder(published, adapter=None)
        self._states = session(states)
        self._routes: dict[tuple[int, ...], tuple[Vector, Vector]] = {}
        self.milliseconds: dict[str, list[float]] = {}

    def answer(self, case: Case) -> Answer:
        """What all say of a case."""
        # By its words, so that no prompt is in both halves.
        half = zlib.crc32(case.conversation[-1].text.encode()) & 1
        ids = conversation_ids(self._packaged.tokens, case.conversation)
        vectors = self._classifier._vectors(case.routes)
        clear = self._packaged.clear(Prompt(ids), vectors)
        if clear is not None:
            return Answer(case, half, clear, True, {})
        telling = self._packaged.first_stage.telling(ids, ENCODED_TOKENS)
        began = time.thread_time()
        scores = vectors.scores(self._packaged.encoder.prompt(telling))
        self._took("encoder", began)
        return Answer(case, half, scores, False, self._looks(telling, case.routes))

    def _looks(self, ids: Sequence[int], routes: Sequence[Route]) -> dict[str, Vector]:
        known = [self._route(route) for route in routes]
        began = time.thread_time()
        published = np.stack([vector for vector, _ in known]) @ self._published.prompt(ids)
        self._took("published weights", began)
        began = time.thread_time()
        prompt = self._token_vectors(ids, 0)
        self._took("encoder, with its vectors of tokens", began)
        counting = self._packaged.first_stage._counting(np.asarray(ids))[_inside(ids)]
        plain, weighted, back = np.array(
            [
                (
                    late_interaction(prompt, route, np.ones_like(counting)),
                    late_interaction(prompt, route, counting),
                    late_interaction(route, prompt, np.ones(len(route), np.float32)),
                )
                for _, route in known
            ],
            np.float32,
        ).T
        began = time.thread_time()
        for _, route in known[:2]:
            late_interaction(prompt, route, counting)
        self._took("late interaction with two routes", began)
        return {
            _PLAIN: plain,
            _WEIGHTED: weighted,
            _BOTH_WAYS: (weighted + back) / 2,
            PUBLISHED: published,
        }

    def _route(self, route: Route) -> tuple[Vector, Vector]:
        ids = tuple(self._packaged.tokens.route(route.name, route.description))
        if ids not in self._routes:
            self._routes[ids] = self._published.route(ids), self._token_vectors(ids, 1)
        return self._routes[ids]

    def _token_vectors(self, ids: Sequence[int], kind: int) -> Vector:
        given = {"ids": np.asarray(ids, np.int64), "kind": np.array(kind, np.int64)}
        states: Vector = self._states.run(["states"], given)[0][0][_inside(ids)]
        states /= np.linalg.norm(states, axis=1, keepdims=True)
        return states

    def _took(self, what: str, began: float) -> None:
        self.milliseconds.setdefault(what, []).append(1000 * (time.thread_time() - began))


def networks(folder: Path) -> tuple[Path, Path]:
    """Write two networks into a folder.

    Returns:
        The packaged encoder with the vectors of its tokens as a further output, ``states``, and
        the published weights, rounded like those of the packaged one.
    """
    # What the extra "training" brings is needed here alone.
    import onnx

    from training.bert import published
    from training.export import write_onnx

    model = onnx.load(str(WEIGHTS))
    makers = {node.output[0]: node for node in model.graph.node}
    states = makers[makers["vector"].input[0]].input[0]
    model.graph.node.append(onnx.helper.make_node("Identity", [states], ["states"]))
    shape = [1, "length", WIDTH]
    kind = onnx.TensorProto.FLOAT
    model.graph.output.append(onnx.helper.make_tensor_value_info("states", kind, shape))
    files = folder / "states.onnx", folder / "published.onnx"
    onnx.save(model, str(files[0]))
    write_onnx(published(), files[1])
    return files


def _inside(ids: Sequence[int]) -> NDArray[np.bool_]:
    tokens = np.asarray(ids)
    inside: NDArray[np.bool_] = (tokens != _START) & (tokens != END)
    return inside
