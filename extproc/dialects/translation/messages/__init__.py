"""Anthropic's messages, translated from and to: https://docs.anthropic.com/en/api/messages."""

from __future__ import annotations

from extproc.core.models import Dialect
from extproc.dialects.translation.common.failures import read_error
from extproc.dialects.translation.messages.adaptation import adapt, is_mixed
from extproc.dialects.translation.messages.errors import write_error
from extproc.dialects.translation.messages.obstacles import obstacles
from extproc.dialects.translation.messages.reading_answers import read_answer
from extproc.dialects.translation.messages.reading_requests import read_request
from extproc.dialects.translation.messages.reading_streams import MessagesStreamReader
from extproc.dialects.translation.messages.writing_answers import write_answer
from extproc.dialects.translation.messages.writing_requests import write_request
from extproc.dialects.translation.messages.writing_streams import MessagesStreamWriter
from extproc.dialects.translation.translator import Translator

__all__ = ["TRANSLATOR"]

TRANSLATOR = Translator(
    dialect=Dialect.MESSAGES,
    read_request=read_request,
    adapt=adapt,
    obstacles=obstacles,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    read_error=read_error,
    write_error=write_error,
    stream_reader=MessagesStreamReader,
    stream_writer=MessagesStreamWriter,
    is_mixed=is_mixed,
)
