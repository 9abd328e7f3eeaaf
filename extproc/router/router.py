"""Decides with one configuration: routes, sessions, ranking, and what remains where they fail."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from extproc.affinity import Pin
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.core.sources import ObservedLatency
from extproc.dialects.request import ClientRequest
from extproc.errors import ClientError
from extproc.intent import Intent, IntentClassifier
from extproc.providers.traits import traits_of
from extproc.ranking import shadowing
from extproc.ranking.bars import Bar, permit
from extproc.ranking.hedging import hedge_after
from extproc.ranking.ranker import EXPLORED, Ranker
from extproc.ranking.session_turn import SessionTurn
from extproc.ranking.snapshot import Snapshot
from extproc.router.case import Case
from extproc.router.choice import configured, sent_along
from extproc.router.classification import Classification, classified
from extproc.router.decision import Decision
from extproc.router.pinned import as_asked_for, pinned_model
from extproc.router.placement import Placement, Placer

__all__ = ["Router"]


class Router:
    """Decides with one configuration. Between requests it keeps only which probes it asked for."""

    def __init__(
        self,
        config: Config,
        classifier: IntentClassifier,
        chance: random.Random | None = None,
        claim: Callable[[int], bool] = lambda _: True,
        clock: Callable[[], float] = time.perf_counter,
        aside: Aside | None = None,
    ) -> None:
        """
        Args:
            config: the configuration.
            classifier: finds the route.
            chance: the source of randomness.
            claim: claims the probe of a model, by its number, for this worker.
            clock: measures durations, in seconds.
            aside: where large requests are gone through; None: a thread of this router's own.
        """
        self._aside = aside or Aside()
        self._catalog = Catalog(config, traits_of)
        self._config = config
        self._configured = configured(config, self._catalog)
        self._max_candidates = config.limits.max_candidates
        self._classifier = classifier
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards no secret
        ranker = Ranker(
            self._chance,
            claim,
            EXPLORED if isinstance(config.latencies, ObservedLatency) else 0.0,
        )
        self._placer = Placer(self._catalog, self._configured, ranker, self._aside)
        self._clock = clock

    async def decide(
        self,
        request: ClientRequest,
        snapshot: Snapshot,
        pin: Pin | None = None,
        *,
        decision_only: bool = False,
        origin: Pin | None = None,
        session_key: str | None = None,
        turn: SessionTurn | None = None,
        bars: Sequence[Bar] = (),
        again: Decision | None = None,
    ) -> Decision:
        """Choose the candidates of a request.

        A classifier that fails never fails the request: it goes on to the requested model.

        Args:
            request: the request.
            snapshot: what is known of the models.
            pin: what the request's session is pinned to, if it is.
            decision_only: nothing is sent to a model, so the request can probe none.
            origin: who has made the answer that the request goes on from, if that is known. No
                other model has that answer, so none can serve the request.
            session_key: what the request's session is known by, None if it has none.
            turn: the session's, if it may change its model; None: it keeps the one it is pinned to.
            bars: what keeps models from being tried.
            again: what was decided of the same request before its bars changed: what it is about
                is known from then.

        Raises:
            ClientError: inline preferences name too many or undeclared models (400) or exceed the
                operator's caps (400, 403), no route matched and the requested model is missing
                (400) or unknown (404), or the request can be translated for none of the candidates
                (400; 404 if it goes on from an answer that they do not have), or no model may be
                tried (what bars them says the status).
        """
        choice = self._configured
        if request.inline_routes is not None:
            choice = sent_along(request.inline_routes, self._config, self._catalog, snapshot)
        case = Case(
            *(request, snapshot, choice, self._asked_for(request.model), pin, session_key, turn),
            decision_only=decision_only,
            bars=bars,
        )
        if origin is not None:
            maker = self._catalog.declared(origin.model)
            if maker is not None and maker.serves(request.dialect):
                return await self._by_maker(case, maker, origin)
        pinned = None if pin is None else await self._pinned(case)
        anchor = None if turn is None or turn.replays else pinned
        if pin is not None and pinned is not None and anchor is None:
            found = Classification(Intent(pin.route))
        elif again is not None:
            found = Classification(again.intent, again.failure, again.classification_seconds)
        else:
            found = await classified(
                request, choice.routes, self._classifier, self._aside, self._clock
            )
        route = choice.named(found.intent.route)
        placed = await self._placer.place(case, route, pinned, anchor)
        return await self._decided(case, found, placed)

    async def _by_maker(self, case: Case, maker: Model, origin: Pin) -> Decision:
        """The model that has made the answer that a request goes on from.

        Raises:
            ClientError: it may not be tried (what bars it says the status).
        """
        route = case.choice.named(origin.route)
        try:
            await self._aside.run_if(
                case.request.large, permit, maker, case.bars, case.expectation(route)
            )
        except ClientError as error:
            error.route = origin.route
            raise
        named = case.requested_name
        return Decision((Ranked(maker),), route, Intent(origin.route), requested=named)

    async def _pinned(self, case: Case) -> Model | None:
        """The session's model as this request asks for it, None where it is decided anew."""
        model = await self._aside.run_if(
            case.request.large, pinned_model, case.request, case.pin, case.choice, self._catalog
        )
        return None if model is None else as_asked_for(model, case.requested)

    async def _decided(self, case: Case, found: Classification, placed: Placement) -> Decision:
        """The decision, once the candidates are found."""
        route, pinned, passed_over = placed.route, placed.pinned, placed.passed_over
        ranked = placed.lineup.ranked[: self._max_candidates]
        stays = pinned is not None and ranked[0].model.name == pinned.name
        copied = None if route is None or case.decision_only or placed.unfit else route.shadow
        shadow = None
        if copied is not None and shadowing.drawn(copied, case.request, ranked, self._chance):
            shadow = await self._shadow(case, route, copied.model)
        return Decision(
            ranked,
            route,
            found.intent,
            found.failure,
            found.seconds,
            pinned=stays,
            switched=not (pinned is None or route is None or stays or passed_over),
            switch=placed.switch,
            costs=placed.costs,
            requested=case.requested_name,
            skipped=placed.lineup.skipped,
            unfit=placed.unfit,
            passed_over=passed_over,
            diverted_to=placed.diverted_to,
            hedge_after=hedge_after(route, ranked, case.snapshot, streamed=case.request.streamed),
            shadow=shadow,
        )

    async def _shadow(self, case: Case, route: Route | None, name: str) -> Model | None:
        """The model that gets a copy of a request, None if it cannot take it."""
        model = self._catalog.declared(name)
        if model is None or not await self._aside.run_if(
            case.request.large,
            shadowing.fits,
            *(model, case.request, case.bars, case.expectation(route)),
        ):
            return None
        return model

    def _asked_for(self, name: str | None) -> Model | None:
        """The model that the client's body was written for."""
        try:
            return self._catalog.default if name is None else self._catalog.find(name)
        except ClientError:  # ambiguous: a route has been found, so it need not be settled
            return None
