"""Decides with one configuration: routes, sessions, ranking, and what remains where they fail."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from extproc.affinity import Pin
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.core.sources import ObservedLatency
from extproc.dialects.request import ClientRequest
from extproc.dialects.requirements import RequirementsOf
from extproc.errors import ClientError
from extproc.intent import Intent, IntentClassifier
from extproc.providers.traits import traits_of
from extproc.ranking import shadowing
from extproc.ranking.bars import Bar, BarredError, permit
from extproc.ranking.expectation import Expectation
from extproc.ranking.hedging import hedge_after
from extproc.ranking.lineup import Lineup, line_up
from extproc.ranking.ranker import EXPLORED, Ranker
from extproc.ranking.session_turn import SessionTurn
from extproc.ranking.snapshot import Snapshot
from extproc.router.choice import configured, sent_along
from extproc.router.classification import Classification, classified
from extproc.router.decision import Decision
from extproc.router.last_resort import only, requested_alone
from extproc.router.pinned import as_asked_for, left_over, pinned_model

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
        self._ranker = Ranker(
            self._chance,
            claim,
            EXPLORED if isinstance(config.latencies, ObservedLatency) else 0.0,
        )
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
        requested = self._asked_for(request.model)
        named = None if requested is None else requested.name
        maker = self._catalog.declared(origin.model) if origin is not None else None
        if origin is not None and maker is not None and maker.serves(request.dialect):
            route = choice.named(origin.route)
            expectation = _expectation(request, route, snapshot)
            try:
                await self._aside.run_if(request.large, permit, maker, bars, expectation)
            except ClientError as error:
                error.route = origin.route
                raise
            return Decision((Ranked(maker),), route, Intent(origin.route), requested=named)
        pinned = await self._aside.run_if(
            request.large, pinned_model, request, pin, choice, self._catalog
        )
        if pinned is not None:
            pinned = as_asked_for(pinned, requested)
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
        lineup, switch = Lineup(), None
        tokens = 0
        if turn is not None:
            required = await self._aside.run_if(request.large, RequirementsOf(request))
            tokens = required.input_tokens
        if route is not None:
            pool = [as_asked_for(model, requested) for model in choice.pools[route.name]]
            pinned = pinned or left_over(pin, choice, pool)
            lined_up = partial(
                line_up,
                request,
                pool,
                route,
                self._ranker,
                snapshot,
                session_key=session_key,
                decision_only=decision_only,
                bars=bars,
            )
            if turn is None or anchor is None:
                lineup = await self._aside.run_if(request.large, lined_up, pinned=pinned)
            else:
                lineup, switch = await self._aside.run_if(
                    request.large,
                    turn.settled,
                    anchor,
                    tokens,
                    lambda first: lined_up(pinned=first),
                    snapshot,
                )
        unfit = route is not None and not lineup.ranked
        passed_over = pinned is not None and pinned.name in lineup.objections
        diverted_to = None
        if not lineup.ranked:
            expectation = _expectation(request, route, snapshot)
            try:
                lineup = await self._aside.run_if(
                    request.large,
                    requested_alone,
                    request,
                    lineup,
                    bars,
                    expectation,
                    lambda: self._catalog.requested(request.model),
                )
            except BarredError as error:
                error.route = None if route is None else route.name
                route, lineup = await self._instead(error, request, route, snapshot, bars)
                unfit, passed_over, diverted_to = False, True, error.fallback
            except ClientError as error:
                error.route = None if route is None else route.name
                raise
        ranked = lineup.ranked[: self._max_candidates]
        stays = pinned is not None and ranked[0].model.name == pinned.name
        costs = None
        if turn is not None and route is not None and not (unfit or passed_over):
            costs = turn.account(ranked[0].model, switch, tokens, snapshot.prices)
        shadow = None
        if route is not None and not (decision_only or unfit):
            shadow = await self._shadow(request, route, ranked, snapshot, bars)
        return Decision(
            ranked,
            route,
            found.intent,
            found.failure,
            found.seconds,
            pinned=stays,
            switched=not (pinned is None or route is None or stays or passed_over),
            switch=switch,
            costs=costs,
            requested=named,
            skipped=lineup.skipped,
            unfit=unfit,
            passed_over=passed_over,
            diverted_to=diverted_to,
            hedge_after=hedge_after(route, ranked, snapshot, streamed=request.streamed),
            shadow=shadow,
        )

    async def _instead(
        self,
        error: BarredError,
        request: ClientRequest,
        route: Route | None,
        snapshot: Snapshot,
        bars: Sequence[Bar],
    ) -> tuple[Route | None, Lineup]:
        """Where a request goes of whose models none may be tried: to the route, or the model, that
        what bars them names for that.

        Raises:
            ClientError: it names none, or no model of that may be tried either.
        """
        if error.fallback is None:
            raise error
        other = self._configured.named(error.fallback)
        model = self._catalog.declared(error.fallback)
        lineup = Lineup()
        if other is not None:
            route, pool = other, self._configured.pools[other.name]
            lineup = await self._aside.run_if(
                request.large, line_up, request, pool, route, self._ranker, snapshot, bars=bars
            )
        elif model is not None:
            expectation = _expectation(request, route, snapshot)
            lineup = await self._aside.run_if(
                request.large, only, model, request, bars, expectation
            )
        if not lineup.ranked:
            raise error
        skipped = {one.model: one for one in (*error.skipped, *lineup.skipped)}
        return route, replace(lineup, skipped=tuple(skipped.values()))

    async def _shadow(
        self,
        request: ClientRequest,
        route: Route,
        ranked: Sequence[Ranked[Model]],
        snapshot: Snapshot,
        bars: Sequence[Bar],
    ) -> Model | None:
        """The model that gets a copy of a request, None if none does."""
        if route.shadow is None or not shadowing.drawn(route.shadow, request, ranked, self._chance):
            return None
        model = self._catalog.declared(route.shadow.model)
        expectation = _expectation(request, route, snapshot)
        if model is None or not await self._aside.run_if(
            request.large, shadowing.fits, model, request, bars, expectation
        ):
            return None
        return model

    def _asked_for(self, name: str | None) -> Model | None:
        """The model that the client's body was written for."""
        try:
            return self._catalog.default if name is None else self._catalog.find(name)
        except ClientError:  # ambiguous: a route has been found, so it need not be settled
            return None


def _expectation(request: ClientRequest, route: Route | None, snapshot: Snapshot) -> Expectation:
    return Expectation(route, snapshot, RequirementsOf(request))
