"""OpenAI's responses dialect.

Reference: https://platform.openai.com/docs/api-reference/responses; the types of the ``openai`` SDK
decide where it is silent.
"""

from __future__ import annotations

from extproc.core.models import Dialect
from extproc.dialects.translation.common.failures import read_error
from extproc.dialects.translation.responses.adaptation import adapt, is_mixed
from extproc.dialects.translation.responses.errors import write_error
from extproc.dialects.translation.responses.obstacles import obstacles
from extproc.dialects.translation.responses.reading_answers import read_answer
from extproc.dialects.translation.responses.reading_requests import read_request
from extproc.dialects.translation.responses.reading_streams import ResponsesStreamReader
from extproc.dialects.translation.responses.writing_answers import write_answer
from extproc.dialects.translation.responses.writing_requests import write_request
from extproc.dialects.translation.responses.writing_streams import ResponsesStreamWriter
from extproc.dialects.translation.translator import Translator

__all__ = ["TRANSLATOR"]

TRANSLATOR = Translator(
    dialect=Dialect.RESPONSES,
    read_request=read_request,
    adapt=adapt,
    obstacles=obstacles,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    read_error=read_error,
    write_error=write_error,
    stream_reader=ResponsesStreamReader,
    stream_writer=ResponsesStreamWriter,
    is_mixed=is_mixed,
)
