"""The models processor: the list of models, and single ones.

Python answers, not Envoy alone: what wildcards cover is learned from prices that come while we run,
clients page through the list, and one model is found by every name that a request may give it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import unquote

import orjson

from extproc.contract import MODELS
from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Dialect
from extproc.dialects.dialect import Json
from extproc.dialects.model_lists import (
    ListedModel,
    anthropic_model,
    anthropic_page,
    openai_model,
    openai_page,
)
from extproc.dialects.translation.crossing import API_VERSION
from extproc.worker import replies
from extproc.worker.exchange import ProtocolError, request_only
from extproc.worker.headers import required
from extproc.worker.listing import listed, page, read_paging
from extproc.worker.processor import Processor, Stream

__all__ = ["ModelsProcessor"]

_PAGE = {Dialect.MESSAGES: anthropic_page, Dialect.CHAT: openai_page}
_MODEL = {Dialect.MESSAGES: anthropic_model, Dialect.CHAT: openai_model}
_LIMIT = {Dialect.MESSAGES: 20, Dialect.CHAT: None}
"""How many models are shown where the client names no limit. OpenAI's clients do not page."""


class ModelsProcessor(Processor):
    """One look at the models. Who names a version of Anthropic's API gets Anthropic's shape."""

    def __init__(
        self, config: Config, catalog: Catalog, priced: Callable[[], Iterable[str]]
    ) -> None:
        """
        Args:
            config: declares models and aliases.
            catalog: finds models by the names that requests give them.
            priced: returns the names of the models whose prices are known at the moment.
        """
        super().__init__()
        self._config = config
        self._catalog = catalog
        self._priced = priced

    async def serve(self, stream: Stream) -> None:
        message = await stream.read()
        if message is None:
            return
        request_only().receive(message)
        headers = replies.header_values(message.request_headers)
        self.request_id = headers.get("x-request-id", self.request_id)
        self.dialect = Dialect.MESSAGES if API_VERSION in headers else Dialect.CHAT
        path, _, query = required(headers, ":path").partition("?")
        answer = orjson.dumps(self._answer(path, query))
        await stream.write(replies.reply(200, answer, self.ids()))

    def _answer(self, path: str, query: str) -> Json:
        """
        Raises:
            ClientError: there is no such model (404), several models are called so, or there is no
                such page (400).
        """
        _, under, name = path.partition(MODELS)
        if not under:
            raise ProtocolError(f"a request to {path}, where no models are")
        name = unquote(name.removeprefix("/"))
        if name:
            return _MODEL[self.dialect](ListedModel(name, self._catalog.requested(name).provider))
        paging = read_paging(query, _LIMIT[self.dialect])
        return _PAGE[self.dialect](page(listed(self._config, self._priced()), paging))
